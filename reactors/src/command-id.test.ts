import { describe, expect, it } from 'vitest';
import { commandId } from './command-id.ts';

const event = '0b5c3f0e-7c1b-4a1d-8f0e-2d6a5b9c1e3f';

describe('the id of a command', () => {
  it('never changes: the value written down here is what running installations know', () => {
    expect(commandId(event, 'reserve', 'KETTLE')).toBe('18ebb2c6-e5d5-56e3-81a9-cc70b81ac3d0');
  });

  it('is a version 5 UUID', () => {
    expect(commandId(event, 'reserve')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('is another for another event, purpose or sku', () => {
    const ids = [
      commandId(event, 'reserve', 'KETTLE'),
      commandId(event, 'release', 'KETTLE'),
      commandId(event, 'reserve', 'TEAPOT'),
      commandId(event, 'reserve'),
      commandId('7f1d2c3b-0000-4000-8000-000000000000', 'reserve', 'KETTLE'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
