// Starts the panel: remembered choices first, so that nothing flickers, then the language, then the page.
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/ledger.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { preferredLocale, useLocale } from './i18n/i18n.svelte.ts';
import { applyPreferences } from './state/preferences.svelte.ts';
import { reloadWhenStale } from './state/stale-build.ts';

reloadWhenStale();
applyPreferences();
await useLocale(preferredLocale());

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element with the id "app" to mount the panel in.');
mount(App, { target });
