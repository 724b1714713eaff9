// Puts sentences together from the strings and from what is known about the clinic and a reply.
import { dateInWords } from "./dates.js";
import type { Clinic, NoticeName, Phone, Reply } from "./model.js";
import { splitAtPhones } from "./phones.js";
import { fill, pieces, type Strings } from "./strings.js";

/** A sentence in pieces: words, and phones to dial. */
export type Sentence = readonly (string | Phone)[];

/** Returns the title of the chat: as the page says, else the clinic's name, else the assistant's. */
export function titleOf(given: string, clinic: Clinic | null, strings: Strings): string {
  return given || clinic?.name || strings.title;
}

/** Returns what always stands above the input. */
export function standingLine(clinic: Clinic | null, strings: Strings): Sentence {
  return pieces(strings.standing, { emergency: emergencyOf(clinic, strings) }).flat();
}

/** Returns whom to call when the assistant has not worked for a while. */
export function overdueLine(clinic: Clinic | null, strings: Strings): Sentence {
  const values = { emergency: emergencyOf(clinic, strings), clinic: contactOf(clinic, strings) };
  return pieces(strings.overdue, values).flat();
}

/** Returns what a notice says. */
export function noticeLine(notice: NoticeName, clinic: Clinic | null, strings: Strings): Sentence {
  return pieces(strings.notices[notice], { clinic: contactOf(clinic, strings) }).flat();
}

/** Returns when a reply was checked and who signed it off. */
export function checkedLine(reply: Reply, strings: Strings): string {
  const { checked, signed_off: who } = reply;
  if (checked === null) return who ? fill(strings.uncheckedSigned, { who }) : strings.unchecked;
  const date = dateInWords(checked, strings);
  return who ? fill(strings.checkedSigned, { date, who }) : fill(strings.checkedUnsigned, { date });
}

/** Returns a sentence as plain text. */
export function plain(sentence: Sentence): string {
  return sentence.map((piece) => (typeof piece === "string" ? piece : piece.text)).join("");
}

function emergencyOf(clinic: Clinic | null, strings: Strings): Sentence {
  return clinic?.emergency ? splitAtPhones(clinic.emergency, clinic.phones) : [strings.emergencyUnknown];
}

function contactOf(clinic: Clinic | null, strings: Strings): Sentence {
  const name = clinic?.name || strings.clinicUnknown;
  if (!clinic?.phone) return [name];
  const phone: Phone | string = clinic.tel ? { text: clinic.phone, tel: clinic.tel } : clinic.phone;
  return pieces<string | Phone>(strings.clinicWithPhone, { name, phone });
}
