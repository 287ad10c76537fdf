// The panel's language: a typed catalogue per language, loaded when it is chosen, remembered. `i18n.t` is reactive, so switching
// the language changes every word at once and loses nothing of the page. French is complete by type: a missing key does not compile.
import { recall, remember } from '../state/storage.ts';
import type { Messages } from './messages.ts';

export const locales = ['en', 'fr'] as const;
export type Locale = (typeof locales)[number];

const catalogues: Record<Locale, () => Promise<Messages>> = {
  en: async () => (await import('./en.ts')).en,
  fr: async () => (await import('./fr.ts')).fr,
};

let current = $state.raw<{ locale: Locale; messages: Messages } | undefined>(undefined);

/** The remembered language, else the browser's if we have it, else English. */
export function preferredLocale(): Locale {
  const wanted = [recall('locale'), ...navigator.languages.map((language) => language.slice(0, 2))];
  return wanted.flatMap((name) => locales.filter((locale) => locale === name))[0] ?? 'en';
}

/** Loads a language and shows the panel in it. */
export async function useLocale(locale: Locale): Promise<void> {
  const messages = await catalogues[locale]();
  current = { locale, messages };
  document.documentElement.lang = locale;
}

/** Like {@link useLocale}, and remembered. */
export async function chooseLocale(locale: Locale): Promise<void> {
  remember('locale', locale);
  await useLocale(locale);
}

export const i18n = {
  /** The messages of the current language. */
  get t(): Messages {
    if (current === undefined)
      throw new Error('No language is loaded yet: await useLocale() before the panel is mounted.');
    return current.messages;
  },
  get locale(): Locale {
    return current?.locale ?? 'en';
  },
};
