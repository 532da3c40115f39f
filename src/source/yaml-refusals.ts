import { notYaml, type PlacedText, placeOf } from './text-place.ts'

/** What is wrong with a YAML file, and what to do about it. */
export type Refusal = readonly [message: string, hint: string]

export const TAB: Refusal = ['a tab is used for indentation', 'Replace the tab with spaces, on empty lines too.']
export const CONTROL: Refusal = ['a control character stands here', 'Remove it, or write it as an escape inside double quotes.']
export const NO_KEY: Refusal = ['no key before the `:`', 'Write the key, or put the text in quotes.']
export const NO_TEXT_KEY: Refusal = ['a list or map cannot be a key', 'Put the key in quotes if it is meant as text.']
export const COLON_FIRST: Refusal = ['a text in brackets starts with a `:`', 'Put the text in quotes.']
export const COLON_LAST: Refusal = [
  'no space behind the `:`, and in brackets it belongs to the word before it',
  'Write a space there.',
]
export const TOO_DEEP: Refusal = ['nested too deeply', 'Check the brackets and the indentation before this place.']
export const TOO_MANY: Refusal = [
  'more values than any config has, aliases written out',
  'Use fewer aliases of aliases, or a smaller file.',
]
export const WANTS_MAP: Refusal = ['`<<` takes a map or a list of maps', 'Name an anchor that stands before a map.']

export const twice = (key: string, line: number): Refusal => [
  `\`${key}\` is already on line ${line}`,
  'Keep one of them, or join what they say: a key can stand in a map only once.',
]
export const unknownAlias = (name: string): Refusal => [
  `unknown alias *${name}`,
  `Write &${name} before the value that it names, or put the text in quotes.`,
]
export const endless = (name: string): Refusal => [`the value of &${name} contains itself`, 'Remove the alias.']
export const unfitTag = (text: string): Refusal => [`\`${text}\` does not fit its tag`, 'Remove the tag or change the value.']

export function refuse(text: PlacedText, start: number, [message, hint]: Refusal): never {
  throw notYaml(placeOf(text, start, start), message, hint)
}

/** A message of the YAML parser in this tool's words. */
export function explainSyntax(code: string, message: string): Refusal {
  const open = /^flow (map|sequence)\b.* end with a ([\]}])/i.exec(message)
  if (open) return [`a ${open[1] === 'map' ? 'map' : 'list'} in brackets is not closed`, `Add the \`${open[2]}\`.`]
  const [text, hint] = WORDS[/^implicit map keys/i.test(message) ? 'MULTILINE_IMPLICIT_KEY' : code] ?? [
    undefined,
    'Fix the YAML here or just above.',
  ]
  return [text ?? `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1, 100)}`, hint]
}

// Codes of yaml 2.9.1; where no text stands the parser's own is good enough.
const WORDS: Readonly<Record<string, readonly [text: string | undefined, hint: string]>> = {
  TAB_AS_INDENT: TAB,
  BAD_INDENT: [undefined, 'Give all keys of one map, and all items of one list, the same indentation.'],
  BAD_SCALAR_START: [undefined, 'Put the text in quotes.'],
  BAD_DQ_ESCAPE: [undefined, 'Use single quotes, or write the backslash twice.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second key on one line',
    'Put it on its own line. If the colon is part of a text, put the text in quotes.',
  ],
  MULTILINE_IMPLICIT_KEY: ['a key without a `:`', 'Look for a missing colon or wrong indentation here.'],
  MISSING_CHAR: [undefined, 'Look for a missing quote, bracket, colon or space.'],
}
