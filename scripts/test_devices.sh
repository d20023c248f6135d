#!/usr/bin/env bash
# Tests of devices other than the CPU: layers, losses, ten iterations beside the CPU, and beside PyTorch's numbers.
#
#   scripts/test_devices.sh [KIND...]       default: vulkan webgpu
#
# On Linux a software adapter will do, if slowly: Mesa's lavapipe (Debian: apt-get install mesa-vulkan-drivers libvulkan1).
# Without a driver it skips with a message. It compiles some 330 crates into target/devices.
set -euo pipefail
cd "$(dirname "$0")/.."
kinds=("${@:-vulkan}")
[ $# -gt 0 ] || kinds=(vulkan webgpu)

has_vulkan() {
  ldconfig -p 2>/dev/null | grep libvulkan.so >/dev/null &&
    { [ -n "${VK_DRIVER_FILES:-}" ] || compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null; }
}
if [ "$(uname)" = Linux ] && [[ " ${kinds[*]} " =~ \ (vulkan|webgpu)\  ]] && ! has_vulkan; then
  echo "skipped: there is no Vulkan driver (Debian: apt-get install mesa-vulkan-drivers libvulkan1)"
  exit 0
fi

features=$(printf ',simgan/%s' "${kinds[@]}")
build=(--profile devices --locked -p simgan --features "${features#,}" --test devices --test golden)
cargo test "${build[@]}" --no-run
for kind in "${kinds[@]}"; do
  echo "== $kind"
  # What the project calls webgpu is wgpu to Burn.
  BURN_DEVICE=${kind/webgpu/wgpu} cargo test "${build[@]}" -- --nocapture
done
