import { expect, test } from 'vitest'
import { plainPainter } from '../../src/core/paint.ts'
import { checksText } from '../../src/formats/checks-text.ts'
import type { Check } from '../../src/model/outcome.ts'

const check = (result: Check['result'], more: Partial<Check> = {}): Check => ({
  name: 'queue',
  result,
  expected: 'queue of a < 80%',
  observed: '90%',
  evidence: 'otelcol_exporter_queue_size',
  at_s: null,
  took_s: null,
  ...more,
})

test.each<[Check, string]>([
  [check('held'), '  ✓ queue: 90%\n'],
  [check('skipped', { observed: 'never looked at' }), '  - queue: never looked at\n'],
  [check('unknown', { evidence: '' }), '  ? queue: 90%\n    expected queue of a < 80%\n'],
  [
    check('deviated', { at_s: 3.456 }),
    '  ✗ queue at 3.46s: 90%\n    expected queue of a < 80%, read from otelcol_exporter_queue_size\n',
  ],
])('%j', (given, text) => expect(checksText([given], plainPainter)).toBe(text))
