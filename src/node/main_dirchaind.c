/* dirchaind: the node each agency runs. Exit codes: 0 stopped by a signal, 2 usage, 3 what it needs
 * is not there or is broken: one line in Chinese and English, with a stable code, says what. */
#include "base/errors.h"
#include "base/memory.h"
#include "node/home.h"
#include "node/ledger_check.h"
#include "node/node.h"

#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef DIRCHAIN_VERSION
#define DIRCHAIN_VERSION "0.1.0"
#endif

enum { EXIT_OK = 0, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };

static const char help[] =
    "usage: dirchaind --config FILE [--check | --verify | --init]\n"
    "\n"
    "Runs a node of the directory chain until SIGTERM or SIGINT.\n"
    "运行目录链节点，直至收到 SIGTERM 或 SIGINT。\n"
    "\n"
    "  --config FILE  the node's configuration (YAML) / 节点配置文件\n"
    "  --check        only check configuration, genesis and keys, also while a node\n"
    "                 runs\n"
    "                 仅检查配置、创世文件和密钥，节点运行时亦可\n"
    "  --verify       verify the whole ledger on disk, then exit\n"
    "                 核验磁盘上的整个账本后退出\n"
    "  --init         for the first start of a new chain with this node as its only\n"
    "                 validator: make its safety record, then exit. Never when data\n"
    "                 was lost\n"
    "                 新链唯一验证节点首次启动前：建立安全记录后退出。数据丢失时切勿使用\n"
    "  --version      print the version / 显示版本\n"
    "  --help         print this / 显示本说明\n"
    "\n"
    "Exit codes: 0 stopped cleanly, 2 usage, 3 environment.\n"
    "退出码：0 正常停止，2 用法错误，3 环境错误。\n";

/* The first fault is what to mend first. */
static int complain(const char *doing, int error, const struct faults *faults)
{
    const char *where = faults->count > 0 ? faults->item[0].field : "";
    int shown = faults->count > 0 ? faults->item[0].error : error;
    fprintf(stderr, "dirchaind: %s%s%s: %s %s [%s]\n", doing, where[0] != '\0' ? ": " : "", where,
            error_chinese(shown), error_english(shown), error_code(shown));
    return EXIT_ENVIRONMENT;
}

static int check_only(const struct config *config)
{
    struct faults faults = {0};
    bool running;
    int error = home_check(&running, &faults, config);
    if (error != 0) {
        return complain("检查未通过 check failed", error, &faults);
    }
    puts("配置、创世文件和密钥均正常 configuration, genesis and keys are in order");
    if (running) {
        printf("节点正在数据目录 %s 上运行：未检查该目录能否写入、有无余量\n"
               "a node runs on %s: not looked at whether it can be written and has room\n",
               config->data_directory, config->data_directory);
    }
    return EXIT_OK;
}

/* What the disk holds, from genesis to the tip; the node must not be running. */
static int verify_only(const struct config *config)
{
    struct faults faults = {0};
    struct home home;
    uint64_t height = 0;
    int error = home_open(&home, &faults, config);
    error = error != 0 ? error : ledger_check(&height, &faults, &home, config);
    home_close(&home);
    if (error != 0) {
        return complain("核验未通过 verification failed", error, &faults);
    }
    printf("账本核验无误 the ledger is in order: 高度 height %" PRIu64 "\n", height);
    return EXIT_OK;
}

/* What a new home needs before it may sign without asking anybody. */
static int init_only(const struct config *config)
{
    struct faults faults = {0};
    struct home home;
    int error = home_open(&home, &faults, config);
    error = error != 0 ? error : home_make_record(&faults, &home, config);
    home_close(&home);
    if (error != 0) {
        return complain("未建立安全记录 no safety record made", error, &faults);
    }
    puts("安全记录已建立，可以启动 the safety record is made; the node may start");
    return EXIT_OK;
}

/* Threads that wake do not push others from the processor before their turn is over: under load,
 * what a signature check has in the cache is worth more than the milliseconds. Threads that start
 * later take it over; where it is not granted, only time is lost. */
static void prefer_throughput(void)
{
    (void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0});
}

static int run(const struct config *config)
{
    struct faults faults = {0};
    struct node *node = NULL;
    prefer_throughput();
    bool again;
    int error;
    do {
        error = node_open(&node, &faults, config);
        if (error != 0) {
            return complain("不能启动 cannot start", error, &faults);
        }
        error = node_run(node, &faults);
        again = node_starts_over(node);
        node_close(&node);
    } while (again);
    return error != 0 ? complain("已停止 stopped", error, &faults) : EXIT_OK;
}

/* jemalloc reads this name. Transactions are parsed in one thread and freed in another; few arenas
 * keep the memory of an idle node small. */
extern const char *malloc_conf;
const char *malloc_conf = "narenas:2,dirty_decay_ms:2000,muzzy_decay_ms:0";

int main(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check", no_argument, NULL, 'k'},
                                            {"verify", no_argument, NULL, 'f'},
                                            {"init", no_argument, NULL, 'i'},
                                            {"version", no_argument, NULL, 'v'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *path = NULL;
    int (*act)(const struct config *config) = run;
    int acts = 0, option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            path = optarg;
            break;
        case 'k':
        case 'f':
        case 'i':
            act = option == 'k' ? check_only : option == 'f' ? verify_only : init_only;
            acts++;
            break;
        case 'v':
            puts("dirchaind " DIRCHAIN_VERSION);
            return EXIT_OK;
        case 'h':
            fputs(help, stdout);
            return EXIT_OK;
        default:
            fputs(help, stderr);
            return EXIT_USAGE;
        }
    }
    if (path == NULL || optind != argc || acts > 1) {
        fputs(help, stderr);
        return EXIT_USAGE;
    }
    struct faults faults = {0};
    AUTO(config_free) struct config *config = NULL;
    int error = config_load(&config, &faults, path);
    if (error != 0) {
        return complain("配置 configuration", error, &faults);
    }
    return act(config);
}
