import { atPointer } from './paths.ts'
import type { SchemaError } from './schema-error.ts'
import type { Value } from './value.ts'

/**
 * The errors that tell a person something. Of the branches of an anyOf or oneOf only those stay that the value was meant
 * for; where it fits none of them, one error lists what all of them want.
 */
export function withoutNoise(root: Value, errors: readonly SchemaError[]): SchemaError[] {
  const kept: SchemaError[] = []
  for (const error of errors) {
    if (error.keyword === 'if') continue
    if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') kept.push(error)
    else kept.push(...choose(root, error, takeBranches(kept, error)))
  }
  return kept.filter(error => !isExcused(error, atPointer(root, error.instancePath).value))
}

// ajv reports the errors of all branches, then the one of the choice itself.
function takeBranches(kept: SchemaError[], choice: SchemaError): SchemaError[] {
  let first = kept.length
  while (first > 0 && isInside(kept[first - 1] as SchemaError, choice)) first--
  return kept.splice(first)
}

// A branch that is a $ref has a schema path of its own; what shares the parent's path is a neighbour of the choice.
function isInside({ instancePath, schemaPath }: SchemaError, choice: SchemaError): boolean {
  const parent = choice.schemaPath.slice(0, choice.schemaPath.lastIndexOf('/') + 1)
  const within = instancePath === choice.instancePath || instancePath.startsWith(`${choice.instancePath}/`)
  return within && (schemaPath.startsWith(`${choice.schemaPath}/`) || !schemaPath.startsWith(parent))
}

const MISFITS = ['type', 'enum', 'const']

function choose(root: Value, choice: SchemaError, branches: readonly SchemaError[]): SchemaError[] {
  const here = branches.filter(branch => branch.instancePath === choice.instancePath)
  const misfits = here.filter(branch => MISFITS.includes(branch.keyword))
  const { value } = atPointer(root, choice.instancePath)
  if (branches.length === 0) return [choice]
  if (misfits.some(branch => isExcused(branch, value))) return []
  if (misfits.length === branches.length) return [joined(choice, 'type', misfits)]
  if (here.length === branches.length && here.every(branch => branch.keyword === 'required'))
    return [joined(choice, 'required', here)]
  return branches.filter(branch => !misfits.includes(branch))
}

function joined(choice: SchemaError, keyword: string, branches: readonly SchemaError[]): SchemaError {
  const all = (...names: string[]) => [...new Set(branches.flatMap(({ params }) => names.flatMap(name => params[name] ?? [])))]
  const params = {
    type: all('type'),
    allowedValues: all('allowedValues', 'allowedValue'),
    missingProperty: all('missingProperty'),
  }
  return { ...choice, keyword, params }
}

// What a reference put there has two faces for the Collector, YAML and text, and it takes the one that the setting wants
// (confmap v1.67.0, useExpandValue): set to nothing it is null, or an empty text. What is unset or unread here may be anything.
function isExcused({ keyword, params, parentSchema }: SchemaError, value: Value): boolean {
  // `x-text: false`: written as text, but no text to the Collector, such as a duration.
  const wanted = parentSchema?.['x-text'] === false ? [] : [params.type].flat()
  if (value.kind !== 'scalar') return keyword === 'type' && value.text !== undefined && wanted.includes('string')
  if (!value.fromEnvironment) return false
  if (value.isUnknown) return true
  if (value.isPart) return false
  if (keyword === 'enum') return [params.allowedValues].flat().includes(value.text)
  if (keyword !== 'type' || typeof value.value === 'string' || !wanted.includes('string')) return false
  return value.text !== '' || !parentSchema?.minLength
}
