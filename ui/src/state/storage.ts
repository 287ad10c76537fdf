// Small things the browser remembers. A browser that refuses storage (private mode, blocked cookies) just forgets: no error.

const prefix = 'comptoir.';

/** Reads a remembered value; `undefined` when there is none. */
export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(prefix + name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a value, where the browser lets it. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    // Remembering is a comfort; without it the choice holds until the page is left.
  }
}
