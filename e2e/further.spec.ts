/** @file Training a run further, and the recipe's fields that end a run early or make up for uneven classes. */

import { makeSplitFolders } from './helpers/folders';
import { readRuns } from './helpers/records';
import { expect, type Studio, test } from './helpers/studio';

const CLASS_NAMES = ['COVID', 'HEALTHY', 'PNEUMONIA'];
const SMALL = { networks: ['Baseline' as const], epochs: '2', batchSize: '4', inputSize: '32' };
const counts = { train: 4, validation: 2, test: 2 };

/** From the row at this place of the comparison; the dialog's fields that are named are filled in. */
async function trainFurther(studio: Studio, row: number, fields: Record<string, string>, weights?: 'last' | 'best') {
  const rows = await studio.comparisonRows();
  await rows
    .nth(row)
    .getByRole('button', { name: /^Train further/ })
    .click();
  const dialog = studio.page.getByRole('dialog', { name: 'Train further' });
  for (const [name, value] of Object.entries(fields)) {
    await dialog.getByRole('spinbutton', { name, exact: true }).fill(value);
  }
  if (weights) await dialog.getByRole('combobox', { name: 'Weights' }).selectOption(weights);
  await dialog.getByRole('button', { name: 'Train further' }).click();
  return dialog;
}

test('a finished run is trained further as a new run that names it', async ({ studio }) => {
  await studio.dropFolder(makeSplitFolders('further', CLASS_NAMES, counts));
  const [first] = await studio.trainToTheEnd({ ...SMALL, seed: '7' }, 90_000);
  const dialog = await trainFurther(studio, 0, { Epochs: '3' });
  await expect(dialog).toBeHidden();
  const [second] = await studio.waitForRuns(1, 1, 60_000);
  expect(second).toMatchObject({
    status: 'finished',
    ancestor: { runId: first.id, weights: 'last', optimizer: 'anew', otherDatasets: [] },
    recipe: { ...first.recipe, epochs: 3 },
  });
  expect(second.epochs).toHaveLength(3);
  const rows = await studio.comparisonRows();
  await expect(rows.first()).toContainText(/trained further from Baseline of .*, last weights, with a new optimizer/);
});

test('other classes are refused in the dialog; an ancestor deleted while its heir waits is said in the queue', {
  tag: '@long',
}, async ({ studio }) => {
  const { page } = studio;
  const folder = makeSplitFolders('heir', CLASS_NAMES, counts);
  await studio.dropFolder(folder);
  await studio.trainToTheEnd({ ...SMALL, seed: '7' }, 90_000);
  await studio.dropFolder(makeSplitFolders('two', CLASS_NAMES.slice(0, 2), counts));
  await studio.goTo('Compare');
  await page.getByText('All', { exact: true }).click();
  const dialog = await trainFurther(studio, 0, {});
  await expect(dialog.getByRole('alert')).toContainText(
    /tells apart COVID, HEALTHY, PNEUMONIA, and two has the classes/,
  );
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await studio.dropFolder(folder);
  await studio.prepare({ ...SMALL, epochs: '500' });
  await studio.train.click();
  await expect.poll(async () => (await readRuns(page)).length, { timeout: 30_000 }).toBe(2);
  // The run that is going stands first.
  await expect(await trainFurther(studio, 1, { Epochs: '1' })).toBeHidden();
  await studio.goTo('Train');
  const waiting = page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await expect(waiting).toContainText([/trained further from Baseline of/]);
  const rows = await studio.comparisonRows();
  await rows
    .nth(1)
    .getByRole('button', { name: /^Delete/ })
    .click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect.poll(async () => (await readRuns(page)).length).toBe(1);
  await studio.goTo('Train');
  await studio.stop.click();
  await studio.waitForRuns(0, 1, 60_000);
  await page.getByRole('button', { name: 'Continue queue' }).click();
  await expect(waiting).toContainText([
    /Could not be started: The run that this one was to go on from has been deleted/,
  ]);
});

test('a stopped run goes on with its optimizer, as if it had never been stopped', { tag: '@long' }, async ({
  studio,
}) => {
  const { page } = studio;
  await studio.dropFolder(makeSplitFolders('goes-on', CLASS_NAMES, counts));
  await studio.prepare({ ...SMALL, epochs: '500', seed: '7' });
  await studio.train.click();
  await expect
    .poll(async () => (await readRuns(page))[0]?.epochs.length ?? 0, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(2);
  await studio.stop.click();
  const [stopped] = await studio.waitForRuns(0, 1, 60_000);
  const done = stopped.epochs.length;
  await trainFurther(studio, 0, { Epochs: '2' });
  const [further] = await studio.waitForRuns(1, 1, 60_000);
  expect(further.ancestor).toMatchObject({ runId: stopped.id, optimizer: 'continued' });
  const [whole] = await studio.trainToTheEnd({ ...SMALL, epochs: String(done + 2), seed: '7' }, 120_000);
  const curve = ({ epochs }: typeof whole) => epochs.map(({ loss, validationLoss }) => [loss, validationLoss]);
  expect(curve(whole)).toEqual([...curve(stopped), ...curve(further)]);
});

test('class weights, balanced sampling and early stopping are set in the editor and end a run early', {
  tag: '@long',
}, async ({ studio }) => {
  const { page } = studio;
  await studio.dropFolder(makeSplitFolders('early', CLASS_NAMES, counts));
  await studio.prepare({ ...SMALL, epochs: '200', seed: '7' });
  await page
    .getByRole('button', { name: /^Recipe/ })
    .first()
    .click();
  await page.getByRole('combobox', { name: 'Sampling' }).selectOption('balanced');
  await page.getByRole('combobox', { name: 'Class weights' }).selectOption('own');
  await studio.setField('Weight of HEALTHY', '2');
  await studio.setField('Learning rate', '0.01');
  await studio.setField('Early stopping patience', '2');
  await studio.train.click();
  const [run] = await studio.waitForRuns(0, 1, 240_000);
  expect(run).toMatchObject({
    status: 'finished',
    recipe: {
      sampling: 'balanced',
      earlyStopping: { patience: 2 },
      classWeights: { kind: 'own', weights: [{ weight: 1 }, { className: 'HEALTHY', weight: 2 }, { weight: 1 }] },
    },
    stoppedEarly: { epoch: run.epochs.length, lowestEpoch: run.epochs.length - 2 },
  });
  await studio.expectSentence(/stopped early after epoch \d+ of 200: the validation loss was lowest in epoch/);
});
