// Type of generated/scan-lines.js, which scripts/compile-wat.mjs makes from lines.wat.
/** The module's code. */
declare const code: Uint8Array<ArrayBuffer>
export default code
