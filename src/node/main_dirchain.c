/* The command-line tool; everything is in node/cli/. */
#include "node/cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
