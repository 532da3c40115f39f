import { stringify } from 'yaml'

/** Data as a YAML file; a text of several lines stands as such a block. Strings that could mean something else get quotes. */
export const writeYaml = (data: unknown): string =>
  stringify(data, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false })
