// Follows the part of the screen that an on-screen keyboard leaves free, so that the field stays above it.

/** Gives an element the free height and its top as --visible-height and --visible-top; returns what ends that. */
export function followViewport(element: HTMLElement): () => void {
  const viewport = window.visualViewport;
  if (!viewport) return () => undefined;
  const follow = (): void => {
    const zoomed = Math.abs(viewport.scale - 1) > 0.01;
    element.style.setProperty("--visible-height", zoomed ? "" : `${viewport.height}px`);
    element.style.setProperty("--visible-top", zoomed ? "" : `${viewport.offsetTop}px`);
  };
  follow();
  viewport.addEventListener("resize", follow);
  viewport.addEventListener("scroll", follow);
  return () => {
    viewport.removeEventListener("resize", follow);
    viewport.removeEventListener("scroll", follow);
  };
}
