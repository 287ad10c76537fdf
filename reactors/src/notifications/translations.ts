// Every message, in every language.
import type { Language } from './language.ts';
import { texts as english } from './texts.en.ts';
import { texts as french } from './texts.fr.ts';
import type { Texts } from './texts.ts';

/** The messages by language. */
export const translations: Readonly<Record<Language, Texts>> = { en: english, fr: french };
