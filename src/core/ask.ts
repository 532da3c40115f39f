/** Questions to a person at a terminal. Both reject with `interrupted` at Ctrl-C. */
export interface Asker {
  /** Answers with the `value` of one of the choices. */
  choose(question: string, choices: readonly Choice[], preset: string): Promise<string>
  /** Asks again while `wrong` says what is wrong with an answer. */
  text(question: string, preset: string, wrong: (answer: string) => string | undefined): Promise<string>
}

export interface Choice {
  readonly value: string
  readonly about: string
}
