/** Compiled by .ci/assembly-plugin.mjs. */
declare module 'virtual:processor-kernels/*' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
