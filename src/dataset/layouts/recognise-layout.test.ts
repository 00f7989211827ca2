import { describe, expect, it } from 'vitest';
import { recogniseLayout } from './recognise-layout';

/** A folder in memory; a value is a file's text. */
function folder(files: Record<string, string> | string[], emptyFolders: string[] = []) {
  const contents = Array.isArray(files) ? Object.fromEntries(files.map((path) => [path, ''])) : files;
  return {
    name: 'xrays',
    files: Object.keys(contents),
    emptyFolders,
    readBytes: async (path: string) => new TextEncoder().encode(contents[path]),
  };
}

const LISTS = {
  'COVID/a 1.png': '',
  'COVID/b.png': '',
  'HEALTHY/c.png': '',
  'HEALTHY/d.png': '',
  'training.txt': './COVID/a 1.png\n./HEALTHY/c.png\n',
  'Validation.txt': './COVID/b.png\n',
  'testing.txt': './HEALTHY/d.png',
};

describe('layout (a), lists', () => {
  it('labels by the folder in the path', async () => {
    const found = await recogniseLayout(folder(LISTS));
    expect(found).toMatchObject({ layout: 'lists', root: '', classNames: ['COVID', 'HEALTHY'], problems: [] });
    expect(found.files).toEqual([
      { path: 'COVID/a 1.png', split: 'train', className: 'COVID' },
      { path: 'HEALTHY/c.png', split: 'train', className: 'HEALTHY' },
      { path: 'COVID/b.png', split: 'validation', className: 'COVID' },
      { path: 'HEALTHY/d.png', split: 'test', className: 'HEALTHY' },
    ]);
  });

  it('looks into a folder that wraps it, past loose files', async () => {
    const wrapped = Object.fromEntries(Object.entries(LISTS).map(([path, text]) => [`data/v1/${path}`, text]));
    const found = await recogniseLayout(folder({ ...wrapped, 'README.md': '' }));
    expect(found).toMatchObject({ layout: 'lists', root: 'data/v1/' });
    expect(found.files).toHaveLength(4);
  });

  it('skips folders shared by all paths and split names', async () => {
    const found = await recogniseLayout(
      folder({
        'images/train/A/1.png': '',
        'images/train/B/2.png': '',
        'images/test/A/3.png': '',
        'train.txt': 'images\\train\\A\\1.png\nimages\\train\\B\\2.png',
        'test.txt': 'images\\test\\A\\3.png',
      }),
    );
    expect(found.files.map(({ className }) => className)).toEqual(['A', 'B', 'A']);
  });

  it('takes the number behind the path as the label, in the spelling of the folders', async () => {
    const found = await recogniseLayout(
      folder({
        'img/x.png': '',
        'img/y 2.png': '',
        'covid/z.png': '',
        'train.txt': 'img/x.png 0\nimg/y 2.png\t1\ncovid/z.png\n',
      }),
    );
    expect(found.files.map(({ path, className }) => `${path} ${className}`)).toEqual([
      'img/x.png HEALTHY',
      'img/y 2.png covid',
      'covid/z.png covid',
    ]);
  });

  it('finds files whose list was written on another machine', async () => {
    const found = await recogniseLayout(
      folder({
        'COVID/a.png': '',
        'HEALTHY/b.png': '',
        'training.txt': '/content/gdrive/My Drive/covid/A.png\n/content/gdrive/My Drive/HEALTHY/b.png',
      }),
    );
    expect(found.files.map(({ path }) => path)).toEqual(['COVID/a.png', 'HEALTHY/b.png']);
  });

  it('finds files that lie deeper than the list says, when there is one of them', async () => {
    const found = await recogniseLayout(
      folder({
        'img/COVID/a.png': '',
        'img/HEALTHY/b.png': '',
        'img/HEALTHY/c.png': '',
        'img/COVID/c.png': '',
        'training.txt': 'COVID/a.png\nHEALTHY/b.png\nc.png',
        'testing.txt': 'covid/c.png',
      }),
    );
    expect(found).toMatchObject({ layout: 'lists', root: '', classNames: ['COVID', 'HEALTHY'] });
    expect(found.files.map(({ path, split }) => `${path} ${split}`)).toEqual([
      'img/COVID/a.png train',
      'img/HEALTHY/b.png train',
      'img/COVID/c.png test',
    ]);
    expect(found.problems.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
      "c.png is named in training.txt, line 3, but several files of the folder have this name; write the path from the list's own folder on.",
      'xrays has 1 image that is in none of the lists and will not be used.',
    ]);
  });

  it('says which lists were passed over for the folders inside, and why', async () => {
    const found = await recogniseLayout(
      folder({
        'img/COVID/a.png': '',
        'img/HEALTHY/b.png': '',
        'training.txt': 'COVID/gone.png',
        'testing.txt': '',
      }),
    );
    expect(found).toMatchObject({ layout: 'class-folders', root: 'img/' });
    expect(found.problems).toEqual([
      {
        path: 'training.txt',
        reason:
          'was passed over: the images are split 80/10/10 by class folder instead. None of the files that the lists name can be used. The first: COVID/gone.png is named in training.txt, line 1, but is not in the folder; add the file or remove the line.',
        severity: 'notice',
      },
      expect.objectContaining({ path: 'testing.txt', severity: 'notice' }),
    ]);
  });

  it('reports a list that has no training list beside it', async () => {
    const found = await recogniseLayout(folder(['COVID/a.png', 'HEALTHY/b.png', 'testing.txt']));
    expect(found).toMatchObject({ layout: 'class-folders' });
    expect(found.problems.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
      'testing.txt was passed over: the images are split 80/10/10 by class folder instead. There is no training.txt beside it.',
    ]);
  });

  it('names missing, repeated, doubly used, unlabelled and unused files', async () => {
    const found = await recogniseLayout(
      folder({
        ...LISTS,
        'HEALTHY/extra.png': '',
        'loose.png': '',
        'training.txt':
          './COVID/a 1.png\n./COVID/a 1.png\n./HEALTHY/c.png\nCOVID/gone.png\nCOVID/gone.png 1\nloose.png\n',
        'testing.txt': './HEALTHY/c.png\n./HEALTHY/d.png\n./COVID/b.png 9',
        'Validation.txt': '',
      }),
    );
    expect(found.files.map(({ path, split }) => `${path} ${split}`)).toEqual([
      'COVID/a 1.png train',
      'HEALTHY/c.png train',
      'HEALTHY/d.png test',
    ]);
    const sentences = found.problems.map(({ path, reason, severity }) => `${severity}: ${path} ${reason}`);
    expect(sentences).toEqual([
      'excluded: COVID/gone.png is named in training.txt, line 4, but is not in the folder; add the file or remove the line.',
      'excluded: COVID/gone.png is named in training.txt, line 5, but is not in the folder; add the file or remove the line.',
      'notice: training.txt names 1 file more than once; each is used once.',
      'notice: HEALTHY/c.png is named in training.txt and in testing.txt; it is used for training only.',
      'excluded: COVID/b.png has an unknown label in testing.txt, line 3; write 0 for healthy, 1 for COVID, 2 for pneumonia.',
      "excluded: loose.png is named in training.txt but lies in no class folder and has no label behind it; move it into its class's folder.",
      'notice: xrays has 2 images that are in none of the lists and will not be used.',
    ]);
  });

  it('says which file is missing when none is there', async () => {
    await expect(recogniseLayout(folder({ 'training.txt': 'COVID/a.png\n', 'COVID/b.png': '' }))).rejects.toThrow(
      /None of the files.*COVID\/a\.png is named in training\.txt, line 1/,
    );
  });
});

describe('layout (b), split folders', () => {
  it('accepts the names people use', async () => {
    const found = await recogniseLayout(
      folder(['Train/y/1.png', 'Train/x/2.png', 'val/x/deep/3.png', 'test/y/4.png', 'test/y/notes.txt', 'test/5.png']),
    );
    expect(found).toMatchObject({ layout: 'split-folders', classNames: ['x', 'y'] });
    expect(found.files.map(({ path, split, className }) => `${path} ${split} ${className}`)).toEqual([
      'Train/x/2.png train x',
      'Train/y/1.png train y',
      'test/y/4.png test y',
      'val/x/deep/3.png validation x',
    ]);
    expect(found.problems.map(({ reason }) => reason)).toEqual([
      'has 1 file in no class folder, which will not be used.',
      'has 1 file among the images that by name is no image and will not be used.',
    ]);
  });

  it('counts an empty class folder as a class, as Keras does', async () => {
    const found = await recogniseLayout(folder(['train/a/1.png', 'train/b/2.png'], ['train/c']));
    expect(found.classNames).toEqual(['a', 'b', 'c']);
  });
});

describe('layout (c), class folders', () => {
  it('splits images of any class names', async () => {
    const files = ['cat', 'dog', 'eel'].flatMap((name) => Array.from({ length: 20 }, (_, i) => `${name}/${i}.png`));
    const found = await recogniseLayout(folder(files));
    expect(found).toMatchObject({ layout: 'class-folders', classNames: ['cat', 'dog', 'eel'] });
    expect(found.files.filter(({ split }) => split === 'train')).toHaveLength(48);
    expect(found.files.filter(({ split }) => split === 'test')).toHaveLength(6);
  });

  it('accepts one class alone, to be judged later', async () => {
    const found = await recogniseLayout(folder(['COVID/1.png', 'COVID/2.png']));
    expect(found).toMatchObject({ layout: 'class-folders', classNames: ['COVID'], root: '' });
  });
});

describe('lists of any size', () => {
  it('names every file that is missing, however many there are', async () => {
    const missing = Array.from({ length: 200_000 }, (_, i) => `COVID/${i}.png`).join('\n');
    const found = await recogniseLayout(
      folder({ ...LISTS, 'training.txt': `COVID/a 1.png\nHEALTHY/c.png\n${missing}` }),
    );
    expect(found.files).toHaveLength(4);
    expect(found.problems).toHaveLength(200_000);
    expect(found.problems.at(-1)?.path).toBe('COVID/199999.png');
  });

  it.each(['a/', ',', '"/', ' 1'])(
    'takes a line of "%s" over and over in one go, and shows its beginning',
    async (unit) => {
      const line = unit.repeat(100_000);
      const found = await recogniseLayout(
        folder({ ...LISTS, 'training.txt': `COVID/a 1.png\nHEALTHY/c.png\n${line}x` }),
      );
      expect(found.files).toHaveLength(4);
      expect(found.problems).toHaveLength(1);
      expect(found.problems[0].path.length).toBeLessThan(400);
    },
  );

  it('still finds the file at the end of a path longer than any in the folder', async () => {
    const root = 'someone/else/'.repeat(2000);
    const found = await recogniseLayout(
      folder({ ...LISTS, 'training.txt': `/${root}COVID/a 1.png\n/${root}HEALTHY/c.png` }),
    );
    expect(found.files.map(({ path }) => path)).toContain('COVID/a 1.png');
    expect(found.problems).toEqual([]);
  });
});

describe('no layout', () => {
  it('says what was found and what is accepted', async () => {
    await expect(recogniseLayout(folder([]))).rejects.toThrow(/"xrays" is empty.*one folder per class/);
    await expect(recogniseLayout(folder(['a.png', 'b.png', 'notes.txt', 'testing.txt']))).rejects.toThrow(
      /holds testing\.txt but no training\.txt, 2 images outside of any folder, 2 files that are no images\. Thorax reads \(a\)/,
    );
  });
});
