import { describe, expect, it } from 'vitest';
import { decodeListText, parseListText, splitLabel } from './list-file';

const paths = (text: string) => parseListText(text).map(({ path }) => path);

describe('parseListText', () => {
  it('forgives what editors and systems leave in a list', () => {
    const text =
      '\uFEFF./COVID/a.png\r\n\r\n  /HEALTHY/b c.png \n.\\PNEUMONIA\\d.jpeg\r././COVID//e.png\n"COVID/f.png"\nCOVID/g.png';
    expect(paths(text)).toEqual([
      'COVID/a.png',
      'HEALTHY/b c.png',
      'PNEUMONIA/d.jpeg',
      'COVID/e.png',
      'COVID/f.png',
      'COVID/g.png',
    ]);
  });

  it('keeps the numbers of the lines', () => {
    expect(parseListText('\na\n\nb').map(({ number }) => number)).toEqual([2, 4]);
  });

  it('reads UTF-16 by its byte order mark', () => {
    expect(paths(decodeListText(new Uint8Array([0xff, 0xfe, 0x61, 0, 0x0a, 0, 0x62, 0])))).toEqual(['a', 'b']);
    expect(paths(decodeListText(new TextEncoder().encode('\uFEFFä\n')))).toEqual(['ä']);
  });
});

describe('splitLabel', () => {
  it('reads the third form', () => {
    expect(splitLabel('x/a b.png 0')).toEqual({ path: 'x/a b.png', label: 'HEALTHY' });
    expect(splitLabel('x/a.png\t1')).toEqual({ path: 'x/a.png', label: 'COVID' });
    expect(splitLabel('x/a.png, 2')).toEqual({ path: 'x/a.png', label: 'PNEUMONIA' });
  });

  it('takes separators and a closing quote off the path', () => {
    expect(splitLabel('"x/a.png",0')).toEqual({ path: '"x/a.png', label: 'HEALTHY' });
    expect(splitLabel('x/a.png ;; 1')).toEqual({ path: 'x/a.png', label: 'COVID' });
    expect(splitLabel('x/a.png1')).toBeNull();
    expect(splitLabel(',,1')).toBeNull();
    expect(splitLabel('1')).toBeNull();
  });

  it.each([',', ' ', '1', '"', ' 1'])('reads a line of 200,000 times "%s" in one go', (unit) => {
    expect(splitLabel(`a${unit.repeat(200_000)}x`)).toBeNull();
  });

  it('distinguishes an unknown number from no number', () => {
    expect(splitLabel('x/a.png 7')).toEqual({ path: 'x/a.png', label: null });
    expect(splitLabel('x/a.png')).toBeNull();
  });
});
