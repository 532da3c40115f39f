import type { Choices } from './choices.ts'
import { randomSetting, randomValue } from './settings.ts'
import type { Node, Tree } from './skeleton.ts'

interface Spot {
  readonly parent: Tree
  readonly key: string
  readonly path: readonly string[]
}

/** Every key of the config, with where it stands. */
function spots(tree: Tree, path: readonly string[] = []): Spot[] {
  return Object.entries(tree).flatMap(([key, value]) => [
    { parent: tree, key, path: [...path, key] },
    ...(isTree(value) ? spots(value, [...path, key]) : []),
  ])
}

const isTree = (node: Node | undefined): node is Tree => typeof node === 'object' && node !== null && !Array.isArray(node)

type Mutation = (config: Tree, choices: Choices) => void

/** Sets one of all the keys that the schema knows: whether it is known to a collector too, and with which values. */
const setSomething: Mutation = (config, choices) => {
  const section = choices.pick(['exporters', 'connectors', 'receivers', 'processors', 'extensions', 'exporters', 'service'])
  const components = section === 'service' ? config : config[section]
  if (!isTree(components)) return
  const id = section === 'service' ? 'service' : choices.pick(Object.keys(components))
  const setting = id && randomSetting(choices, section, id)
  if (!setting) return
  const root = section === 'service' ? ['telemetry', ...setting.path] : setting.path
  let inside: Tree = isTree(components[id]) ? (components[id] as Tree) : (components[id] = {} as Tree)
  for (const key of root.slice(0, -1)) inside = isTree(inside[key]) ? (inside[key] as Tree) : (inside[key] = {} as Tree)
  inside[root.at(-1) as string] = setting.value
}

const somewhere = (config: Tree, choices: Choices): Spot => {
  const all = spots(config)
  return all.length > 0 ? choices.pick(all) : { parent: config, key: 'service', path: ['service'] }
}

const drop: Mutation = (config, choices) => {
  const { parent, key } = somewhere(config, choices)
  delete parent[key]
}

const rename: Mutation = (config, choices) => {
  const { parent, key } = somewhere(config, choices)
  const typed = [
    `${key}s`,
    key.slice(0, -1),
    key.toUpperCase(),
    `${key}/`,
    ` ${key}`,
    `${key} `,
    key.replace('/', ' / '),
    `/${key}`,
    key.replaceAll('_', ''),
    key.replaceAll('_', '-'),
    key.split('/')[0] as string,
    `${key}/x`,
    key.replace('/', '::'),
    '',
  ]
  const value = parent[key] as Node
  delete parent[key]
  parent[choices.pick(typed)] = value
}

const replaceValue: Mutation = (config, choices) => {
  const { parent, key } = somewhere(config, choices)
  parent[key] = randomValue(choices, { type: ['string', 'number', 'boolean', 'array', 'object'] })
}

/** Adds, drops, doubles or spoils an item of a list: components of a pipeline, levels, pipelines of a level. */
const changeList: Mutation = (config, choices) => {
  const lists = spots(config).flatMap(({ parent, key }) => listsIn(parent[key] as Node))
  if (lists.length === 0) return
  const list = choices.pick(lists)
  const index = choices.below(list.length + 1)
  const item = list[index] ?? list[0] ?? 'otlp'
  const text = typeof item === 'string' ? item : 'traces/primary'
  const others: Node[] = [
    `${text}x`,
    text.toUpperCase(),
    text.split('/')[0] as string,
    'traces',
    'logs/x',
    'otlp',
    'failover',
    'nop',
    '',
    ` ${text}`,
    `${text}/`,
    null,
    5,
    [],
    [text],
    {},
    '${env:TEXT}',
  ]
  const change = choices.below(5)
  if (change === 0) list.splice(index, 1)
  else if (change === 1) list.splice(index, 0, item)
  else if (change === 2) list.splice(index, 1, choices.pick(others))
  else if (change === 3) list.push(choices.pick(others))
  else list.reverse()
}

const listsIn = (node: Node): Node[][] => (Array.isArray(node) ? [node, ...node.flatMap(listsIn)] : [])

const swapPipelines: Mutation = (config, choices) => {
  const pipelines = isTree(config.service) ? config.service.pipelines : undefined
  if (!isTree(pipelines)) return
  const keys = Object.keys(pipelines)
  const [one, other] = [choices.pick(keys), choices.pick(keys)]
  const part = choices.pick(['receivers', 'exporters', 'processors', ''])
  const [first, second] = [pipelines[one as string] as Node, pipelines[other as string] as Node]
  if (part === '') Object.assign(pipelines, { [one as string]: second, [other as string]: first })
  else if (isTree(first) && isTree(second)) [first[part], second[part]] = [second[part] ?? null, first[part] ?? null]
}

/** The same id in another section, a component nobody uses, an unknown section. */
const addComponent: Mutation = (config, choices) => {
  const section = choices.pick(['receivers', 'processors', 'exporters', 'connectors', 'extensions', 'extras'])
  const id = choices.pick([
    'otlp',
    'failover',
    'nop',
    'otlp/x',
    'file/x',
    'batch',
    'debug',
    'failover/x',
    '5',
    'otlp/',
    'otlp_grpc',
    'file_storage',
    'a b',
  ])
  const components = isTree(config[section]) ? (config[section] as Tree) : (config[section] = {} as Tree)
  components[id] ??= null
}

const setReference: Mutation = (config, choices) => {
  const { parent, key } = somewhere(config, choices)
  parent[key] = choices.pick([
    '${env:TEXT}',
    '${NUMBER}',
    '$TEXT',
    '$$TEXT',
    '${TEXT:-d}',
    '${env:UNSET:-[a]}',
    '${yaml:5}',
    '${yaml:{a: 1}}',
    '${foo:x}',
    '${}',
    '${env:}',
    '${env:1A}',
    'a${TEXT}b',
    '$${env:TEXT}',
    '${env:${env:NAME}}',
    '${file:/nowhere}',
    '${env:LIST}',
    '${env:MAP}',
    '${env:EMPTY:-5s}',
    '${env:BLANK}',
    '$BLANK',
    '${BLANK:-5s}',
    '${env:BLANK:-5s}',
    'a${BLANK}b',
    '${',
    '${env:UNSET}',
  ])
}

const storageOn: Mutation = (config, choices) => {
  const { exporters, connectors } = config
  const all = [exporters, connectors].filter(isTree).flatMap(section => Object.values(section).filter(isTree))
  if (all.length === 0) return
  choices.pick(all).sending_queue = {
    storage: choices.pick(['file_storage', 'file_storage/x', 'nope', '']),
    wait_for_result: choices.chance(30),
  }
}

const MUTATIONS: readonly Mutation[] = [
  setSomething,
  setSomething,
  setSomething,
  setSomething,
  setSomething,
  setSomething,
  changeList,
  changeList,
  replaceValue,
  rename,
  drop,
  setReference,
  swapPipelines,
  addComponent,
  storageOn,
]

/** Changes the config in place, most often in one way: a second mistake hides the first from the collector. */
export function mutate(config: Tree, choices: Choices): void {
  const count = choices.pick([0, 1, 1, 1, 1, 2, 3])
  for (let index = 0; index < count; index++) choices.pick(MUTATIONS)(config, choices)
}
