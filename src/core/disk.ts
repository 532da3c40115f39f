/** Files that outlive a crash: read at any place, added to, renamed, and each of it known to be on the disk when asked for. */
export interface Disk {
  /**
   * The files below a folder, in no order; throws as `open` does when it cannot be read. A folder in it that cannot be looked into
   * is one of them: whoever opens it hears why. So is a link to a folder, which may lead back: it is not followed.
   */
  list(folder: string): Promise<Entry[]>
  /** Undefined where there is nothing. */
  look(path: string): Promise<(Entry & { readonly folder: boolean }) | undefined>
  /** Throws a FailoverctlError with a code of exit 3 when it cannot be read. */
  open(path: string): Promise<OpenFile>
  /**
   * Opened for adding at its end; made, with the folders that lead to it, where it is missing. `secret`: nobody but its owner may
   * read it, whoever has made it. Throws `unwritable`.
   */
  appender(path: string, options?: { readonly secret?: boolean }): Promise<Appender>
  /** A folder that nobody but its owner may look into; made, with those that lead to it, where it is missing. Throws `unwritable`. */
  secretFolder(path: string): Promise<void>
  /** Makes the folders that lead to `to`, and never replaces a file: throws `unwritable` instead. */
  rename(from: string, to: string): Promise<void>
  /** Replaces `to`, all at once; both are files of ours. */
  replace(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** New names in the folder survive a power cut from here on. */
  syncFolder(folder: string): Promise<void>
  /** Whether some process has the file open, as far as this one may see. */
  isOpenElsewhere(entry: Entry): Promise<boolean>
  /** Only one process at a time; a lock of a process that was killed is taken over. Throws `locked`, naming the holder, as `what` is called. */
  lock(path: string, what?: string): Promise<() => Promise<void>>
  /** One zstd frame. Rejects when it is damaged or gives more than `limit` bytes. */
  unzstd(frame: Uint8Array, limit: number): Promise<Uint8Array>
}

export interface Entry {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
  readonly device: string
  readonly inode: string
  /** Its name is no text, so nobody can look at it: nothing else is known of it. */
  readonly nameless?: true
  /** It is a symbolic link; all else is said of what it leads to. */
  readonly link?: 'file' | 'folder'
}

export interface OpenFile {
  /** As it is now: the size may have grown, and the path may lead to another file by now. */
  stat(): Promise<Entry>
  /** Fills `into` from the byte `at` on; answers with how much there was. */
  read(into: Uint8Array, at: number): Promise<number>
  /** The whole file as one packed stream; ends early, without an error, where the file was cut. Rejects where it is damaged. `read` hears how far in the file it is. */
  unpack(as: 'gzip' | 'zstd', read?: (bytes: number) => void): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

export interface Appender {
  /** In the order of the calls. Throws `unwritable`, also when the disk is full. */
  append(data: Uint8Array): Promise<void>
  /** What was appended before survives a power cut. */
  sync(): Promise<void>
  close(): Promise<void>
}
