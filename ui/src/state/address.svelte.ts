// Where the panel is, and going elsewhere. Filters and pages live in the URL, so that every list has an address that can be sent
// to somebody. The router is put in from outside: pages know this module, and the router knows the pages.
import { searchParams } from 'sv-router';

/** What is needed of a router. */
export interface RouterLike {
  readonly route: {
    readonly pathname: string;
    readonly params: Readonly<Record<string, string | undefined>>;
  };
  /** @param path complete, without parameters; @param options.search the query string */
  readonly go: (path: string, options: GoOptions & { search: string }) => Promise<unknown>;
}

export interface GoOptions {
  readonly scrollToTop?: false;
  readonly replace?: boolean;
}

let router = $state.raw<RouterLike | undefined>(undefined);

/** Called once, before the first page is shown. */
export function connectRouter(connected: RouterLike): void {
  router = connected;
}

export const address = {
  get pathname(): string {
    return router?.route.pathname ?? '/';
  },
  /** A parameter of the path, decoded; empty when the address has none of that name. */
  parameter(name: string): string {
    return router?.route.params[name] ?? '';
  },
};

/** The parameters of the query string; reactive. Values stay text as typed (the router would read `007` as the number 7). */
export const currentParameters = (): URLSearchParams => searchParams.toURLSearchParams();

/** Goes to a path of the panel, which may carry a query string. */
export async function goTo(target: string, options: GoOptions = {}): Promise<void> {
  const [path = '/', search = ''] = target.split('?', 2);
  await router?.go(path, { ...options, search });
}

/** Goes to the same page with these parameters changed; an empty value removes one. A changed filter starts at the first page. */
export async function setParameters(changes: Readonly<Record<string, string>>): Promise<void> {
  const next = currentParameters();
  if (!('cursor' in changes)) next.delete('cursor');
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  await goTo(address.pathname + (next.size === 0 ? '' : `?${next.toString()}`), { scrollToTop: false });
}
