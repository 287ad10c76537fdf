// A page's chunk that cannot be loaded: most likely the panel was deployed anew and the chunks of the old build are gone. Then the
// panel is loaded again, once in ten seconds at most, and only if the server answers: while it is away, what is on the screen stays.
import { recall, remember } from './storage.ts';

const leastBetweenMs = 10_000;

/** Starts to listen for chunks that cannot be loaded. */
export function reloadWhenStale(): void {
  addEventListener('vite:preloadError', () => {
    const last = Number(recall('reloaded-at') ?? 0);
    if (Date.now() - last < leastBetweenMs) return;
    fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
      ({ ok }) => {
        if (!ok) return;
        remember('reloaded-at', String(Date.now()));
        location.reload();
      },
      () => {
        // The server is away, and the panel says so already.
      },
    );
  });
}
