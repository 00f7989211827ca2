import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../architectures/build-network';
import type { NetworkId } from '../domain/network';
import { notebookRecipe, type Recipe } from '../domain/recipe';
import { divergenceSentence } from './divergence';

function sentence(network: NetworkId, change: Partial<Recipe>, trainingCount: number): string {
  const recipe = { ...notebookRecipe(network), ...change };
  const graph = buildNetwork(network, 80, 2);
  return divergenceSentence({ where: 'training', epoch: 3, batch: 5, loss: Number.NaN }, graph, recipe, trainingCount);
}

describe('the sentence of a divergence', () => {
  it('says what happened, and a lower learning rate', () => {
    expect(sentence('baseline', {}, 34)).toBe(
      'The training diverged in epoch 3: the loss of batch 5 is NaN. Choose a learning rate lower than 0.0002, for example 0.00002.',
    );
  });

  it('names a short last batch where BatchNorm computes its statistics from it', () => {
    const short = /The last batch of an epoch has only 2 images/;
    expect(sentence('densenet121', {}, 34)).toMatch(short);
    expect(sentence('densenet121', {}, 32 + 19)).not.toMatch(/last batch/);
    // No BatchNorm, and only frozen BatchNorm with loaded or with the batch's statistics.
    expect(sentence('vgg16', {}, 34)).not.toMatch(/last batch/);
    expect(sentence('inceptionv3', { frozenBatchNorm: 'batch' }, 34)).toMatch(short);
    expect(sentence('densenet121', { batchSize: 2 }, 40)).toMatch(short);
  });

  it('says where in the run it was', () => {
    const graph = buildNetwork('baseline', 8, 2);
    const recipe = notebookRecipe('baseline');
    const said = (divergence: Parameters<typeof divergenceSentence>[0]) =>
      divergenceSentence(divergence, graph, recipe, 100);
    expect(said({ where: 'validation', epoch: 2, trainingLoss: 0.41234, path: 'a/b.png' })).toMatch(
      /^The training diverged in epoch 2: its training loss is 0.4123, but the predictions on the validation images are not finite numbers, first for a\/b.png\./,
    );
    expect(said({ where: 'weights', epoch: 2, weight: 'conv/kernel' })).toMatch(
      /epoch 2: values of the weight conv\/kernel/,
    );
    expect(said({ where: 'test', epoch: 4, kind: 'last', path: 'c.png' })).toMatch(
      /the last weights, of epoch 4, give no/,
    );
  });
});
