// The icons: drawn in the colour of the text around them, and silent to screen readers.
import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit";

function icon(drawing: SVGTemplateResult): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${drawing}</svg>`;
}

export const chatIcon = icon(svg`<path d="M4 5.5h16v11h-8.5L7 20v-3.5H4z"/><path d="M8 9.5h8M8 12.5h5"/>`);
export const closeIcon = icon(svg`<path d="M6 6l12 12M18 6L6 18"/>`);
export const menuIcon = icon(svg`<path d="M12 5.5v.01M12 12v.01M12 18.5v.01" stroke-width="3.2"/>`);
export const sendIcon = icon(svg`<path d="M12 19V5M5.5 11.5L12 5l6.5 6.5"/>`);
export const thumbUpIcon = icon(
  svg`<path d="M7.5 11v8.5H4.5V11zM7.5 11l3.5-6.5c1.5 0 2.5 1 2.2 2.6L12.6 10H18a1.7 1.7 0 0 1 1.65 2.1l-1.5 6A1.9 1.9 0 0 1 16.3 19.5H7.5"/>`,
);
export const thumbDownIcon = icon(
  svg`<path d="M7.5 13V4.5H4.5V13zM7.5 13l3.5 6.5c1.5 0 2.5-1 2.2-2.6L12.6 14H18a1.7 1.7 0 0 0 1.65-2.1l-1.5-6A1.9 1.9 0 0 0 16.3 4.5H7.5"/>`,
);
export const clockIcon = icon(svg`<circle cx="12" cy="12" r="8"/><path d="M12 7.5V12l3 2"/>`);

const alarm = icon(svg`<path d="M12 3.8L21.5 20h-19z"/><path d="M12 10v4.5M12 17.3v.01" stroke-width="2.2"/>`);
const today = icon(svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5v5.5M12 16.3v.01" stroke-width="2.2"/>`);

export const urgencyIcons = { emergency: alarm, urgent: today, soon: clockIcon };
