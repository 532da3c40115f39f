import type { Disk, Entry } from '../core/disk.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Files } from '../core/host.ts'
import type { BackupFile, Shape } from './backup.ts'
import { folderOf } from './folder-of.ts'
import { identify } from './identity.ts'
import { folderAbove, isThere } from './paths-there.ts'
import { HEAD_BYTES, shapeOf } from './read-backup.ts'
import { byTime, rotatedAt } from './rotation.ts'
import { leftFile } from './seams.ts'

export const STATE_FOLDER = '.failoverctl-replay'
export const PROCESSED_FOLDER = 'processed'

export interface Backup {
  readonly file: BackupFile
  readonly shape: Shape
  /** The folder that was asked for, or the file's own: `processed/` and the checkpoint stand in it. */
  readonly root: string
  /** The person named it, by itself or by a pattern. */
  readonly named: boolean
  /** The exporter writes to it: what its last line lacks will come, and it is not put away. */
  readonly isLive: boolean
}

export interface Findings {
  /** Oldest first, the active files last. */
  readonly backups: readonly Backup[]
  /** Files that are no backup, with what they are instead. */
  readonly ignored: readonly Ignored[]
}

export interface Ignored {
  readonly path: string
  readonly reason: string
  /** It could not be looked into: it may well be a backup. */
  readonly unreadable: boolean
  /** It may lead to a backup, and nobody looks there. */
  readonly linked?: true
}

interface World {
  readonly disk: Pick<Disk, 'look' | 'list' | 'open' | 'unzstd'>
  readonly files: Pick<Files, 'glob'>
}

interface Candidate {
  readonly entry: Entry
  readonly root: string
  readonly named: boolean
}

/** How many files are looked into at the same time. */
const AT_ONCE = 32
/** For a look at the first request, not for reading it. */
const MAX_FIRST = 64 * 1024 * 1024

/**
 * The backups that these folders, files and patterns hold. In a folder whatever is no backup is passed over. `home` is the
 * device that the checkpoint is on: it has another number on another machine, and perhaps after a reboot, so files beside the
 * checkpoint are known without it.
 * Throws `no-such-file` for a name that leads nowhere.
 */
export async function findBackups(
  paths: readonly string[],
  world: World,
  known: Iterable<string> = [],
  home?: string,
): Promise<Findings> {
  const ids = byPlace(known)
  const candidates = unique((await Promise.all(paths.map(path => candidatesOf(path, world)))).flat())
  const backups: Backup[] = []
  const ignored: Ignored[] = []
  for (let start = 0; start < candidates.length; start += AT_ONCE) {
    const looked = await Promise.all(
      candidates.slice(start, start + AT_ONCE).map(candidate => lookInto(candidate, world, ids, home)),
    )
    for (const found of looked) 'shape' in found ? backups.push(found) : ignored.push(found)
  }
  return { backups: backups.sort((one, other) => byTime(one.file, other.file)), ignored }
}

/**
 * Where the checkpoint of these paths is kept, unless the person says otherwise. It is found again when the files have been put
 * away, the first of a pattern before the others.
 */
export async function stateFolderOf(paths: readonly string[], world: World): Promise<string> {
  for (const path of paths) {
    const entry = await world.disk.look(path)
    if (entry?.folder) return `${trimmed(path)}/${STATE_FOLDER}`
    const folder = `${entry ? folderOf(path) : folderAbove(path)}/${STATE_FOLDER}`
    if (entry || (await isThere(path, world)) || (await world.disk.look(folder))) return folder
  }
  throw nothingAt(paths[0] ?? '.')
}

async function candidatesOf(path: string, { disk, files }: World): Promise<Candidate[]> {
  const entry = await disk.look(path)
  if (entry && !entry.folder) return [{ entry, root: folderOf(path), named: true }]
  if (entry) {
    const root = trimmed(path)
    const inside = await disk.list(root)
    const names = inside.map(entry => ({ entry, name: entry.path.slice(root.length + 1) }))
    const wanted = names.filter(({ name }) => !isOurs(name) && name !== SYSTEM_FOLDER)
    return wanted.map(({ entry }) => ({ entry, root, named: false }))
  }
  const matches = await files.glob([path])
  if (matches.length === 0) throw nothingAt(path)
  const entries = await Promise.all(matches.filter(match => isOurs(path) || !isOurs(match)).map(match => disk.look(match)))
  return entries.flatMap(found => (found && !found.folder ? [{ entry: found, root: folderOf(found.path), named: true }] : []))
}

async function lookInto(
  { entry, root, named }: Candidate,
  { disk }: World,
  known: ReadonlyMap<string, readonly string[]>,
  home: string | undefined,
): Promise<Backup | Ignored> {
  const { path, device, inode, size, mtimeMs } = entry
  const volume = device === home ? 'home' : device
  if (entry.link === 'folder') return { path, reason: LINKED_FOLDER, unreadable: false, linked: true }
  if (entry.nameless) return { path, reason: 'its name is not UTF-8: rename it', unreadable: true }
  if (size === 0) return { path, reason: 'empty', unreadable: false }
  try {
    const opened = await disk.open(path)
    try {
      const head = new Uint8Array(Math.min(HEAD_BYTES, size))
      const start = head.subarray(0, await opened.read(head, 0))
      const shape = await shapeOf(opened, disk, MAX_FIRST)
      if (!shape)
        return { path, reason: 'neither JSON lines, length-prefixed protobuf, zstd nor gzip of them', unreadable: false }
      const file = {
        id: identify({ ...entry, device: volume }, start, known.get(`${volume}-${inode}`)),
        path,
        device,
        inode,
        size,
        mtimeMs,
        rotatedAt: rotatedAt(path),
      }
      return { file, shape, root, named, isLive: false }
    } finally {
      await opened.close()
    }
  } catch (error) {
    // One that has just gone was renamed or deleted by the exporter: the next run finds it, if it is there.
    if (error instanceof FailoverctlError && !named)
      return { path, reason: leftFile(path, error).note, unreadable: error.code !== 'no-such-file' }
    throw error
  }
}

/** Ten thousand files are looked up among ten thousand ids. */
function byPlace(ids: Iterable<string>): Map<string, string[]> {
  const places = new Map<string, string[]>()
  for (const id of ids) {
    const place = id.split('-', 2).join('-')
    const there = places.get(place)
    if (there) there.push(id)
    else places.set(place, [id])
  }
  return places
}

/** The same file may be named twice, also by a link. The file itself can be put away. */
function unique(candidates: readonly Candidate[]): Candidate[] {
  const linksFirst = candidates.toSorted((one, other) => Number(!one.entry.link) - Number(!other.entry.link))
  return [...new Map(linksFirst.map(candidate => [placeOf(candidate.entry), candidate])).values()]
}

const placeOf = ({ path, device, inode, nameless }: Entry): string => (nameless ? path : `${device}-${inode}`)

/** It may lead back to a folder above it. */
const LINKED_FOLDER = 'a link to a folder: left alone; name the folder to send what is in it'

/** Every ext4 volume has it at its root, and only root may look into it. */
const SYSTEM_FOLDER = 'lost+found'

const isOurs = (path: string): boolean => path.split('/').some(part => part === STATE_FOLDER || part === PROCESSED_FOLDER)

const trimmed = (path: string): string => path.replace(/(?<=.)\/+$/, '')

const nothingAt = (path: string): FailoverctlError =>
  new FailoverctlError(
    'no-such-file',
    `${path}: no such file or folder, and no file matches it`,
    "Name the folder that the collector's file exporter writes to.",
  )

/** For a run that found nothing: what was looked for and what was there. */
export function noBackup(paths: readonly string[], ignored: Findings['ignored']): FailoverctlError {
  const shown = ignored.slice(0, 3).map(({ path, reason }) => `${path} (${reason})`)
  const others = ignored.length > shown.length ? ` and ${ignored.length - shown.length} more` : ''
  return new FailoverctlError(
    'no-backup',
    `no backup in ${paths.join(', ')}${shown.length > 0 ? `: ${shown.join(', ')}${others}` : ': no file in it'}`,
    "Looked for files of the collector's file exporter, whatever their names: JSON lines, protobuf behind lengths, zstd or gzip of them.",
  )
}
