// A browser for the tests, on any Linux x64 with nothing installed: the headless Chromium of @sparticuz/chromium, unpacked into the
// temporary folder. Where the machine lacks libnss3, that package brings its own when it believes it runs in AWS Lambda, so we let
// it. Elsewhere: a Chrome or Chromium at CHROMIUM_PATH or in its usual place. With none, `undefined`: the tests are skipped, aloud.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  String.raw`C:\Program Files\Google\Chrome\Application\chrome.exe`,
];

const nssPlaces = ['/usr/lib/x86_64-linux-gnu/libnss3.so', '/usr/lib64/libnss3.so', '/usr/lib/libnss3.so'];

interface Installation {
  readonly path: string;
  readonly args: readonly string[];
}

async function packaged(): Promise<Installation | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  if (!nssPlaces.some((place) => existsSync(place)))
    process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs22.x';
  const { default: sparticuz } = await import('@sparticuz/chromium');
  sparticuz.setGraphicsMode = false;
  // One process for everything is for Lambda; here it makes a crash of one page end all.
  const args = sparticuz.args.filter(
    (argument) => argument !== '--single-process' && !argument.includes('web-security'),
  );
  return { path: await sparticuz.executablePath(), args };
}

async function installation(): Promise<Installation | undefined> {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH is ${named}, but there is no such file.`);
    return { path: named, args: ['--no-sandbox'] };
  }
  const own = await packaged();
  if (own !== undefined) return own;
  const place = usualPlaces.find((candidate) => existsSync(candidate));
  return place === undefined ? undefined : { path: place, args: ['--no-sandbox'] };
}

/** Launches a browser; `undefined` where there is none to be had. */
export async function launchBrowser(): Promise<Browser | undefined> {
  const found = await installation();
  if (found === undefined) {
    console.warn(
      'BROWSER TESTS DID NOT RUN: no Chromium here. Set CHROMIUM_PATH to a Chrome or Chromium (on Linux x64 none is needed).',
    );
    return undefined;
  }
  return chromium.launch({
    executablePath: found.path,
    args: [...found.args, '--disable-background-networking'],
    headless: true,
  });
}
