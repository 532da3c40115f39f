import type { Why } from '../simulate/result.ts'

/** What became of the spans, or of the time, that a reason is about. */
export const WHY_WORDS: Readonly<Record<Why['kind'], string>> = {
  loss: 'lost',
  refusal: 'refused',
  unknown: 'unknown',
  duplicate: 'twice',
  wait: 'waited',
}
