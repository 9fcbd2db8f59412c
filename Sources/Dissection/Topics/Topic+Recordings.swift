// What happens to bytes on their way into a recording.
extension Topic {
  static let recordings: [Topic] = [
    Topic(
      name: "retransmission", others: ["overlap", "out-of-order", "dup"],
      text: """
        TCP sends again what nobody has acknowledged, and packets may arrive in another order. A replica never sees that:
        its kernel hands it the bytes in order, each once. So the dissection does, too, and remarks on a segment that
        came twice, in part or too early.
        """, see: ["hole", "stream"]),
    Topic(
      name: "restored", others: ["inferred", "dots", "filling"],
      text: """
        Text of tcpdump -A has a dot for every byte that can't be printed. A byte is inferred where the format or the
        protocol leaves nothing else, and restored where the snapshot's checksum says what it is. Where several fillings
        satisfy the checksum that is told; what stays unknown is shown as ··, and nothing is said of its value.
        """, see: ["checksum", "hole"]),
    Topic(
      name: "dual-channel", others: ["rdb-channel", "rdbchannelsync", "dualchannelsync", "endoff"],
      text: """
        A full sync on two connections, which Redis 8.2 and Valkey 8 know, each in its own words: the snapshot comes on
        a second one while the stream flows, or waits, on the first, so that the master need not keep it. Redis answers
        PSYNC with +RDBCHANNELSYNC and a client id; Valkey with +DUALCHANNELSYNC, and begins the second connection's
        snapshot with $ENDOFF. Who announces neither in capa never meets it; 7.0 does not know it.
        """, see: ["fullresync", "capa", "stream"]),
  ]
}
