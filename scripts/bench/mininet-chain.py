"""Brings up and takes down a chain of hosts in Mininet and prints the two times (s) as JSON.

usage: mininet-chain.py <hosts>; needs root and Debian's packages mininet and iputils-ping.
"""
import json
import resource
import sys
import time

from mininet.link import Link
from mininet.net import Mininet
from mininet.topo import Topo


class Chain(Topo):
    def build(self, count):
        hosts = [self.addHost('h%d' % i, ip=None) for i in range(count)]
        for i in range(count - 1):
            net = '10.%d.%d' % (i // 250, i % 250)
            self.addLink(hosts[i], hosts[i + 1], cls=Link,
                         params1={'ip': net + '.1/24'}, params2={'ip': net + '.2/24'})


def main():
    count = int(sys.argv[1])
    # Mininet once per process raises this machine's limits with some twenty sysctl processes; a bench should leave them alone
    Mininet.inited = True
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    started = time.perf_counter()
    net = Mininet(topo=Chain(count), controller=None)
    net.start()
    up = time.perf_counter() - started
    # neighbours reach each other, or the comparison means nothing
    for i in (0, count // 2, count - 2):
        net_ = '10.%d.%d' % (i // 250, i % 250)
        assert '1 received' in net['h%d' % i].cmd('ping', '-c1', '-W2', net_ + '.2'), 'h%d does not reach its neighbour' % i
    started = time.perf_counter()
    net.stop()
    print(json.dumps({'up': up, 'down': time.perf_counter() - started}))


main()
