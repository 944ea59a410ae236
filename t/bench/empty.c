/*
 * empty: a FastCGI responder that does nothing, as a baseline for benchmarks.
 *
 *     empty SOCKET PROCESSES
 *
 * It serves until the end of its standard input.
 */
#include "lib/base/base.h"

#include <fcgiapp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char answer[] = "Status: 200 OK\r\n"
			     "Content-Type: application/json\r\n"
			     "Content-Length: 16\r\n"
			     "\r\n"
			     "{\"status\":\"ok\"}\n";

static void NORETURN
serve(int listener)
{
	FCGX_Request io;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	FCGX_InitRequest(&io, listener, 0);
	while (FCGX_Accept_r(&io) == 0) {
		FCGX_PutStr(answer, sizeof(answer) - 1, io.out);
		FCGX_Finish_r(&io);
	}
	_exit(EXIT_FAILURE);
}

int
main(int argc, char **argv)
{
	int listener;
	char byte;

	if (argc != 3 || FCGX_Init() != 0)
		return 64;
	listener = FCGX_OpenSocket(argv[1], 4096);
	if (listener < 0)
		return EXIT_FAILURE;
	for (long n = strtol(argv[2], NULL, 10); n > 0; n--)
		if (fork() == 0)
			serve(listener);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return EXIT_SUCCESS;
}
