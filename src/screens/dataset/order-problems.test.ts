import { expect, it } from 'vitest';
import type { DatasetProblem } from '../../domain/dataset';
import { orderProblems } from './order-problems';

it('puts what blocks first and notices last, and leaves the order within each', () => {
  const severities: DatasetProblem['severity'][] = ['notice', 'excluded', 'blocking', 'excluded', 'notice'];
  const problems = severities.map((severity, i) => ({ path: `${i}`, reason: 'x', severity }));
  expect(orderProblems(problems).map(({ path }) => path)).toEqual(['2', '1', '3', '0', '4']);
});
