// The fields of a snapshot, and the framing of commands and replies.
extension Topic {
  static let snapshot: [Topic] = [
    Topic(
      name: "bgsave", others: ["fork", "child", "rdb-key-save-delay"],
      text: """
        A fork is a copy of a process. A node forks a child that has the data of this very moment and writes them down,
        while the node itself goes on to serve: BGSAVE and a full sync with a file do so, a diskless one sends them to the
        replicas, BGREWRITEAOF writes an append-only file. Only one child is there at a time, so who comes late waits.
        rdb-key-save-delay makes it sleep so many microseconds at each key, for tests.
        """, see: ["persistence", "wait_bgsave", "rdb"]),
    Topic(
      name: "header", others: ["magic", "version"],
      text: """
        REDIS and four digits: a snapshot, and the version of its format. 7.0 writes 0010. A server refuses a newer
        version than its own, in a full sync only after it has thrown its old data away.
        """, see: ["rdb"]),
    Topic(
      name: "aux-field", others: ["aux"],
      text: """
        FA, a name and a value: information about the snapshot's making. Readers skip the names that they don't know.
        """, see: ["redis-ver", "ctime", "used-mem", "repl-id", "aof-base"]),
    Topic(
      name: "redis-ver", others: ["redis-bits"],
      text: """
        redis-ver is the version of the server that wrote the snapshot, redis-bits the width of its pointers, 64 or 32.
        Both are for information only.
        """, see: ["aux-field"]),
    Topic(
      name: "ctime",
      text: "When the snapshot was written, in seconds since 1970. It is why no two snapshots are equal to the byte.",
      see: ["aux-field"]),
    Topic(
      name: "used-mem",
      text:
        "How much memory the writer used, in bytes. A reader could tell beforehand whether it has enough; Redis only logs it.",
      see: ["aux-field"]),
    Topic(
      name: "repl-id",
      text: """
        repl-id and repl-offset in a snapshot: which moment of which history it shows. A server that was stopped
        cleanly and starts from such a snapshot can ask its master to go on from there.
        """, see: ["replid", "offset", "aux-field"]),
    Topic(
      name: "aof-base",
      text: "1 if the snapshot is the base of an append-only file, else 0.", see: ["aux-field"]),
    Topic(
      name: "select-database", others: ["selectdb", "database"],
      text: "FE and a number: the keys that follow are in this database. Empty databases are not mentioned.",
      see: ["resize-database", "entry"]),
    Topic(
      name: "resize-database", others: ["resizedb"],
      text: """
        FB and two numbers: how many keys the database holds, and how many of them expire, so that the tables can be
        made in the right size at once.
        """, see: ["select-database"]),
    Topic(
      name: "entry", others: ["key", "value"],
      text: """
        A key: its expire time if it has one, a byte for the type and encoding of the value, the key, the value. The
        order is that of the writer's hash table, which differs from process to process.
        """, see: ["expire-time", "type", "length"]),
    Topic(
      name: "expire-time", others: ["expiretime", "expiretime_ms", "time"],
      text: """
        FC and eight bytes, the low one first: when the key that follows expires, in milliseconds since 1970. A master
        that loads drops what has expired; a replica keeps it until its master says DEL.
        """, see: ["entry"]),
    Topic(
      name: "idle-time", others: ["idle", "frequency"],
      text:
        "How long, or how often, the key that follows was used: written only where maxmemory-policy is an LRU or LFU one.",
      see: ["entry"]),
    Topic(
      name: "function", others: ["code"],
      text: "F5 and a text: a library of functions, as FUNCTION LOAD takes it. They stand before the keys.",
      see: ["rdb"]),
    Topic(
      name: "module-aux", others: ["module-id"],
      text: "F7: what a module keeps outside the keys. Only the module understands it.", see: ["rdb"]),
    Topic(
      name: "slot-info", others: ["slot"],
      text: "F4: how many keys of a cluster's slot follow. 7.0 doesn't know it; 7.4 and later write it.", see: ["rdb"]),
    Topic(
      name: "type",
      text: """
        A byte that says what kind of value follows, and how it is laid out: 0 is a string; lists, sets, hashes and
        sorted sets have several layouts, compact ones for small values.
        """, see: ["entry"]),
    Topic(
      name: "length",
      text: """
        A number in front of what it measures. In a snapshot its first two bits tell its form: 00 six bits, 01 fourteen,
        80 four bytes, 81 eight, and 11 no length but a special encoding. In RESP it is a line, such as $5.
        """, see: ["encoding", "resp"]),
    Topic(
      name: "encoding", others: ["integer", "int8", "int16", "int32"],
      text: """
        C0, C1 or C2 in place of a length: the string is a number, in one, two or four bytes, the low one first. C3: it
        is compressed with LZF. So the text 12345 takes three bytes.
        """, see: ["length", "lzf"]),
    Topic(
      name: "lzf", others: ["compressed-data", "compressed-length", "original-length"],
      text: """
        C3, the compressed length, the original length, the data. Strings longer than 20 bytes are written so if that
        saves at least four bytes (rdbcompression). The data are literal runs, and references to what was just written.
        """, see: ["encoding"]),
    Topic(
      name: "end", others: ["eof-opcode"],
      text: "FF: no more records. Eight bytes of checksum follow, and then nothing.", see: ["checksum"]),
    Topic(
      name: "checksum", others: ["crc64", "crc-64"],
      text: """
        The last eight bytes, the low one first: a CRC-64 of all bytes before them. All zero: the writer made none
        (rdbchecksum no). If it is wrong Redis refuses the whole snapshot.
        """, see: ["end"]),
  ]

  static let framing: [Topic] = [
    Topic(
      name: "resp", others: ["array", "reply", "command"],
      text: """
        The form of all that Redis says: a byte for the type, then a line. + is a short text, - an error, : a number, $
        the length of the bytes that follow, * the count of the elements that follow. A command is an array of bulk
        strings, so any bytes can be in it.
        """, see: ["count", "length", "inline"]),
    Topic(
      name: "count",
      text: "*N: an array of N elements. Of a command it is the number of its words, the name included.", see: ["resp"]),
    Topic(
      name: "crlf",
      text: "The bytes 0D 0A, which end every line and every bulk string. They count as bytes of the stream.",
      see: ["resp"]),
    Topic(
      name: "inline", others: ["line"],
      text: """
        A command typed as a line, as one does with telnet: its words are parted by blanks. Redis takes this from
        clients, and SYNC comes in this form; from its master it takes nothing but empty lines.
        """, see: ["resp", "sync"]),
  ]
}
