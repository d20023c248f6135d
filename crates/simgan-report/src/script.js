// Sliders, one image at a time, and boxes that the keyboard can scroll. Without this script all images stand below one another, cut in the middle.
document.documentElement.classList.add('js');
for (const viewer of document.querySelectorAll('.viewer')) {
  const pairs = [...viewer.querySelectorAll('.pair')];
  let place = 0;
  const show = (next) => {
    place = (next + pairs.length) % pairs.length;
    pairs.forEach((pair, index) => pair.classList.toggle('shown', index === place));
  };
  viewer.querySelector('.previous').addEventListener('click', () => show(place - 1));
  viewer.querySelector('.next').addEventListener('click', () => show(place + 1));
  viewer.addEventListener('input', (event) => {
    if (event.target.classList.contains('toggle')) {
      viewer.classList.toggle('bare', !event.target.checked);
      return;
    }
    // The edge stays where it is from one image to the next.
    for (const pair of pairs) {
      pair.querySelector('.slider').value = event.target.value;
      pair.querySelector('.overlay').style.setProperty('--at', event.target.value + '%');
    }
  });
  show(0);
}
// What is wider than its box can be reached by Tab; what is not is passed over.
const reach = () => {
  for (const box of document.querySelectorAll('.chart, .scroll')) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  }
};
addEventListener('resize', reach);
reach();
