// RDB
