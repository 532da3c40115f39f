import { checkstyle } from './checkstyle.ts'
import { findingsJson } from './findings-json.ts'
import { findingsText } from './findings-text.ts'
import { github } from './github.ts'
import { junit } from './junit.ts'
import type { Format } from './report.ts'
import { sarif } from './sarif.ts'

/** How `validate` can print: the choices of `--format` are these keys. */
export const FORMATS = { text: findingsText, json: findingsJson, sarif, github, junit, checkstyle } satisfies Record<
  string,
  Format
>

export type FormatName = keyof typeof FORMATS
export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[]
