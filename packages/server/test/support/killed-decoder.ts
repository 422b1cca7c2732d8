/** A decoder that is killed while it starts, like by the kernel when memory runs out. */
process.kill(process.pid, 'SIGKILL');
