// All styles of the element, in the order in which they build on each other.
import { unsafeCSS } from "lit";
import colours from "./colours.css";
import composer from "./composer.css";
import controls from "./controls.css";
import messages from "./messages.css";
import panel from "./panel.css";

export const styles = [colours, controls, panel, messages, composer].map((text) => unsafeCSS(text));

/** When the floating panel covers the whole screen; panel.css says the same. */
export const FULL_SCREEN = "(max-width: 479.98px), (max-height: 499.98px)";
