/** A decoder that is killed while it starts, as the kernel does when memory runs out. */
process.kill(process.pid, 'SIGKILL');
