/** @file Planted changes in augmentation, the training loop, optimizers, evaluation and metrics. */

const DRAW = 'src/training/augmentation.ts';
const DRAWN = ['training/augmentation.test'];
const AUGMENT = 'src/training/augment-images.ts';
const LOOP = 'src/training/train-network.ts';
const LOOPED = ['training/training.test', 'training/train-network.test'];
const OPTIMIZER = 'src/training/optimizer.ts';
const RECIPE = 'src/domain/recipe.ts';

/** @type {import('./list.mjs').Mutant[]} */
export const TRAINING_MUTANTS = [
  // Augmentation
  {
    name: 'the vertical shift is drawn from the horizontal range',
    file: DRAW,
    find: 'symmetric(settings.heightShift)',
    replace: 'symmetric(settings.widthShift)',
    tests: DRAWN,
  },
  {
    name: 'height and width shift exchanged in the matrix',
    file: DRAW,
    find: 'const rowOffset = cos * rowShift - sin * columnShift;\n  const columnOffset = sin * rowShift + cos * columnShift;',
    replace:
      'const rowOffset = cos * columnShift - sin * rowShift;\n  const columnOffset = sin * columnShift + cos * rowShift;',
    tests: DRAWN,
  },
  {
    name: 'one zoom factor for both axes',
    file: DRAW,
    find: 'columnZoom: stream.between(1 - settings.zoom, 1 + settings.zoom),',
    replace: 'columnZoom: 1,',
    tests: [...DRAWN, 'training/keras-laws'],
  },
  {
    name: 'zoom axes exchanged',
    file: DRAW,
    find: 'const a = cos * rowZoom;\n  const b = -sin * columnZoom;',
    replace: 'const a = cos * columnZoom;\n  const b = -sin * rowZoom;',
    tests: ['training/keras-augmentation'],
  },
  {
    name: 'shift before rotation',
    file: DRAW,
    find: 'const rowOffset = cos * rowShift - sin * columnShift;',
    replace: 'const rowOffset = rowShift;',
    tests: ['training/keras-augmentation'],
  },
  {
    name: 'rotation the other way',
    file: DRAW,
    find: 'const theta = (rotationDegrees * Math.PI) / 180;',
    replace: 'const theta = (-rotationDegrees * Math.PI) / 180;',
    tests: DRAWN,
  },
  {
    name: 'about a corner pixel instead of the centre',
    file: DRAW,
    find: 'const centre = size / 2 - 0.5;',
    replace: 'const centre = size / 2;',
    tests: DRAWN,
  },
  {
    name: 'a flip for three images of four',
    file: DRAW,
    find: 'flipDraw < 0.5',
    replace: 'flipDraw < 0.75',
    tests: ['training/keras-laws'],
  },
  {
    name: 'the flip left out',
    file: AUGMENT,
    find: 'flip ? size - 1 - column : column',
    replace: 'column',
    tests: ['training/keras-augmentation'],
  },
  {
    name: 'outside pixels are the opposite edge',
    file: AUGMENT,
    find: 'Math.min(Math.max(position, 0), size - 1)',
    replace: '((position % size) + size) % size',
    tests: ['training/keras-augmentation'],
  },
  {
    name: 'the noise of every image is the same',
    file: DRAW,
    find: 'noiseSeed: stream.bits() | 0',
    replace: 'noiseSeed: 1',
    tests: ['training/keras-laws'],
  },
  {
    name: 'the noise has its largest deviation for every image',
    file: DRAW,
    find: 'settings.noiseDeviation * stream.uniform()',
    replace: 'settings.noiseDeviation + 0 * stream.uniform()',
    tests: ['training/keras-laws'],
  },
  { name: 'clips by default', file: RECIPE, find: 'clip: false', replace: 'clip: true', tests: ['domain/recipe'] },
  {
    name: 'frozen BatchNorm uses the batch by default',
    file: RECIPE,
    find: "frozenBatchNorm: 'loaded',",
    replace: "frozenBatchNorm: 'batch',",
    tests: ['domain/recipe'],
  },

  // The loop
  {
    name: "an epoch's loss is the mean of batch means",
    file: LOOP,
    find: 'return { loss: totals.loss + loss,',
    replace: 'return { loss: totals.loss + (loss / sent.count) * 2,',
    tests: LOOPED,
  },
  {
    name: 'the epoch counts whole batches',
    file: LOOP,
    find: 'count: totals.count + sent.count }',
    replace: 'count: totals.count + Math.max(sent.count, 3) }',
    tests: LOOPED,
  },
  {
    name: 'not shuffled',
    file: LOOP,
    find: 'shuffle.shuffled(images)',
    replace: 'images',
    tests: LOOPED,
  },
  {
    name: 'shuffled the same way every epoch',
    file: LOOP,
    find: 'shuffle.shuffled(images)',
    replace: "RandomStream.named(recipe.seed, 'shuffle').shuffled(images)",
    tests: LOOPED,
  },
  {
    name: 'the short last batch is dropped',
    file: LOOP,
    find: 'Math.ceil(items.length / size)',
    replace: 'Math.max(1, Math.floor(items.length / size))',
    tests: LOOPED,
  },
  {
    name: 'trained in inference mode',
    file: LOOP,
    find: '{ training: true, frozenBatchNorm }',
    replace: '{ training: false, frozenBatchNorm }',
    tests: [...LOOPED, 'training/evaluate'],
  },
  {
    name: 'the gradient of the summed loss',
    file: 'src/training/loss.ts',
    find: 'tf.div(tf.sub(tf.exp(logProbabilities), target), batch)',
    replace: 'tf.sub(tf.exp(logProbabilities), target)',
    tests: LOOPED,
  },
  {
    name: 'the best epoch is that of the highest loss',
    file: 'src/training/callbacks/best-by-training-loss.ts',
    find: 'loss < lowest',
    replace: 'loss > -lowest && loss !== lowest',
    tests: ['callbacks/best-by-training-loss'],
  },
  {
    name: 'the best epoch is always the latest',
    file: 'src/training/callbacks/best-by-training-loss.ts',
    find: 'best?.loss ?? Number.POSITIVE_INFINITY',
    replace: 'Number.POSITIVE_INFINITY',
    tests: ['callbacks/best-by-training-loss'],
  },
  {
    name: 'an equal loss is better',
    file: 'src/training/callbacks/best-by-training-loss.ts',
    find: 'loss < lowest',
    replace: 'loss <= lowest',
    tests: ['callbacks/best-by-training-loss'],
  },

  // What a recipe adds to the notebook's
  {
    name: 'class weights reach the loss but not the gradient',
    file: 'src/training/loss.ts',
    find: 'tf.mul(dLogits, weights.reshape([-1, 1]))',
    replace: 'tf.clone(dLogits)',
    tests: ['keras-class-weights'],
  },
  {
    name: "a batch's loss is divided by its weights",
    file: 'src/training/loss.ts',
    find: 'const weights = tf.tensor1d([...sampleWeights]);',
    replace: 'const raw = tf.tensor1d([...sampleWeights]);\n    const weights = tf.div(raw, raw.mean());',
    tests: ['keras-class-weights'],
  },
  {
    name: 'balanced weights without the number of classes',
    file: 'src/domain/class-weights.ts',
    find: 'total / (counts.length * count)',
    replace: 'total / count',
    tests: ['domain/class-weights'],
  },
  {
    name: 'balanced sampling draws the same images of a large class',
    file: 'src/training/draw-epoch.ts',
    find: 'stream.shuffled(members).slice(0, count % members.length)',
    replace: 'members.slice(0, count % members.length)',
    tests: ['training/draw-epoch'],
  },
  {
    name: 'early stopping waits an epoch longer',
    file: 'src/training/callbacks/early-stopping.ts',
    find: 'wait >= patience',
    replace: 'wait > patience',
    tests: ['callbacks/early-stopping'],
  },
  {
    name: 'an equal validation loss is an improvement',
    file: 'src/training/callbacks/early-stopping.ts',
    find: 'loss < lowest',
    replace: 'loss <= lowest',
    tests: ['callbacks/early-stopping'],
  },
  {
    name: 'early stopping does not know after a resume how long it has waited',
    file: 'src/training/callbacks/early-stopping.ts',
    find: 'wait = state.wait ?? 0;',
    replace: 'wait = 0;',
    tests: ['callbacks/early-stopping'],
  },
  {
    name: 'the collapse alert speaks in the first epochs',
    file: 'src/training/callbacks/collapse-alert.ts',
    find: 'FIRST_EPOCHS = 2',
    replace: 'FIRST_EPOCHS = 0',
    tests: ['callbacks/collapse-alert'],
  },
  {
    name: 'a run that is trained further takes the optimizer of other weights',
    file: 'src/training/begin-further.ts',
    find: "kind === 'last' && (await",
    replace: '(await',
    tests: ['training/begin-further'],
  },
  {
    name: 'a run that is trained further draws what its ancestor drew',
    file: 'src/training/begin-further.ts',
    find: 'position: state ?',
    replace: 'position: (false as boolean) && state ?',
    tests: ['training/begin-further'],
  },

  // Optimizers
  {
    name: "Adam's epsilon inside the root",
    file: OPTIMIZER,
    find: 'tf.add(tf.sqrt(movedV), epsilon)',
    replace: 'tf.sqrt(tf.add(movedV, epsilon))',
    tests: LOOPED,
  },
  {
    name: "Adam's epsilon before the bias correction, as in TensorFlow.js",
    file: OPTIMIZER,
    find: 'tf.add(tf.sqrt(movedV), epsilon)',
    replace: 'tf.add(tf.sqrt(movedV), epsilon * Math.sqrt(1 - beta2 ** this.step))',
    tests: LOOPED,
  },
  {
    name: "Adam's bias correction left out",
    file: OPTIMIZER,
    find: '(learningRate * Math.sqrt(1 - beta2 ** this.step)) / (1 - beta1 ** this.step)',
    replace: 'learningRate',
    tests: LOOPED,
  },
  {
    name: "Adam's kernel: epsilon inside the root",
    file: 'src/kernels/webgpu/adam-update.ts',
    find: '(sqrt(newV) + uniforms.epsilon)',
    replace: 'sqrt(newV + uniforms.epsilon)',
    tests: ['kernels/update', 'training/keras-known-wrongs'],
    gpu: true,
  },
  {
    name: 'momentum forgets the sign of the step',
    file: OPTIMIZER,
    find: 'tf.mul(gradient, -learningRate)',
    replace: 'tf.mul(gradient, learningRate)',
    tests: LOOPED,
  },
  {
    name: 'the velocity is not kept',
    file: OPTIMIZER,
    find: 'tf.add(tf.mul(velocity, momentum), plain)',
    replace: 'tf.add(tf.mul(velocity, 0), plain)',
    tests: LOOPED,
  },

  // Evaluation and metrics
  {
    name: 'validation and test in training mode',
    file: 'src/training/evaluate.ts',
    find: '{ training: false }',
    replace: '{ training: true }',
    tests: ['training/evaluate', 'training/training.test'],
  },
  {
    name: 'a loss per batch, not per image',
    file: 'src/training/evaluate.ts',
    find: 'lossSum / images.length',
    replace: 'lossSum / Math.ceil(images.length / batchSize)',
    tests: ['training/evaluate', 'training/training.test'],
  },
  {
    name: 'of equal probabilities the last',
    file: 'src/metrics/accuracy.ts',
    find: 'probabilities[i] > probabilities[best]',
    replace: 'probabilities[i] >= probabilities[best]',
    tests: ['metrics/'],
  },
  {
    name: 'the accuracy is a count',
    file: 'src/metrics/accuracy.ts',
    find: 'countCorrect(predictions) / predictions.length',
    replace: 'countCorrect(predictions)',
    tests: ['metrics/'],
  },
];
