/// A server's directives, as redis.conf, the command line and CONFIG SET set them.
package struct Configuration: Sendable {
  package var port = 6379
  package init() {}
}
