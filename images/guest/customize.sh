#!/bin/sh
# Run by mmdebstrap on the finished root ($1): drops what a measuring guest never reads, and unpacks the kernel
# modules (decompressing them in an emulated guest costs 0.2 s each). The list of modules is $ROAMLAB_MODULES.
set -eu
root=$1
rm -rf "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale "$root"/usr/share/info \
  "$root"/usr/share/zoneinfo "$root"/usr/share/bug "$root"/usr/share/lintian "$root"/usr/share/bash-completion \
  "$root"/usr/lib/udev "$root"/usr/lib/systemd "$root"/usr/lib/x86_64-linux-gnu/systemd \
  "$root"/usr/lib/x86_64-linux-gnu/gconv "$root"/var/cache "$root"/var/lib/apt "$root"/var/log \
  "$root"/boot/initrd.img-* "$root"/usr/lib/firmware
for modules in "$root"/usr/lib/modules/*/; do
  version=$(basename "$modules")
  keep=$(mktemp -d)
  while read -r wanted; do
    case $wanted in
      '' | '#'*) continue ;;
      */*) found=$(cd "$modules" && [ -d "kernel/$wanted" ] && find "kernel/$wanted" -name '*.ko*' || true) ;;
      *) found=$(cd "$modules" && if [ -d "kernel/$wanted" ]; then find "kernel/$wanted" -name '*.ko*'; else find kernel -name "$wanted.ko*"; fi) ;;
    esac
    for file in $found; do
      mkdir -p "$keep/$(dirname "$file")"
      cp -n "$modules/$file" "$keep/$file" 2>/dev/null || true
    done
  done < "$ROAMLAB_MODULES"
  rm -rf "$modules/kernel"
  cp -r "$keep/kernel" "$modules/kernel"
  rm -rf "$keep"
  find "$modules/kernel" -name '*.ko.xz' -exec xz -d {} +
  depmod -b "$root" "$version" 2>/dev/null || chroot "$root" depmod "$version"
done
