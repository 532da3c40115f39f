/** An error of a compiled ajv validator. `parentSchema` is there when ajv runs with `verbose`, and makes better messages. */
export interface SchemaError {
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
  readonly parentSchema?: Readonly<Record<string, unknown>>
}
