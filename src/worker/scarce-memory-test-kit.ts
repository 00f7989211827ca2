/**
 * @file A device with a limit of bytes. A buffer beyond it is refused as WebGPU does: the call returns an invalid buffer, and
 * the error scope reports it later. For tests only.
 */

/** @returns a function that lifts the limit, and the bytes in use. */
export function giveOnly(budgetBytes: number): { restore: () => void; givenBytes: () => number } {
  const { createBuffer, pushErrorScope, popErrorScope } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  const given = new Map<GPUBuffer, number>();
  const scopes: { filter: GPUErrorFilter; refused: boolean }[] = [];
  let givenBytes = 0;

  GPUDevice.prototype.pushErrorScope = function (filter) {
    scopes.push({ filter, refused: false });
    return pushErrorScope.call(this, filter);
  };
  GPUDevice.prototype.popErrorScope = function () {
    const answer = popErrorScope.call(this);
    return scopes.pop()?.refused ? answer.then(() => new GPUOutOfMemoryError('The budget is spent')) : answer;
  };
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const size = Number(descriptor.size);
    if (givenBytes + size <= budgetBytes) {
      const buffer = createBuffer.call(this, descriptor);
      givenBytes += size;
      given.set(buffer, size);
      return buffer;
    }
    const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory');
    if (scope) scope.refused = true;
    // No usage at all is invalid; its own scope keeps that from being reported.
    pushErrorScope.call(this, 'validation');
    const buffer = createBuffer.call(this, { size, usage: 0 });
    void popErrorScope.call(this);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    givenBytes -= given.get(this) ?? 0;
    given.delete(this);
    return destroy.call(this);
  };
  return {
    restore: () => {
      Object.assign(GPUDevice.prototype, { createBuffer, pushErrorScope, popErrorScope });
      Object.assign(GPUBuffer.prototype, { destroy });
    },
    givenBytes: () => givenBytes,
  };
}
