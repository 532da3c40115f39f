// Types of generated/schemas.js, which scripts/compile-schemas.mjs makes from schemas/.
import type { SchemaError } from './schema-error.ts'

export interface Validator {
  (data: unknown): boolean
  /** Of the last call. */
  readonly errors?: readonly SchemaError[] | null
}

export declare const collectorFailover: Validator
export declare const project: Validator
export declare const outcome: Validator
export declare const experiment: Validator
export declare const proxy: Validator

declare const validators: {
  readonly collectorFailover: Validator
  readonly project: Validator
  readonly outcome: Validator
  readonly experiment: Validator
  readonly proxy: Validator
}
export default validators
