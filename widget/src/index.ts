// The entry of the bundle: defines <isobot-chat> on the page, once.
import { IsobotChat } from "./chat-element.js";

if (!customElements.get("isobot-chat")) customElements.define("isobot-chat", IsobotChat);
