// For browser engines that cannot run the pane: Outlook 2016 and 2019 with a volume licence show add-ins in Internet Explorer 11.
;(function () {
  var patienceMs = 15000
  function say() {
    if (!document.getElementById("app").firstChild) document.getElementById("too-old").removeAttribute("hidden")
  }
  window.addEventListener("load", function () {
    setTimeout(say, "noModule" in document.createElement("script") ? patienceMs : 0)
  })
})()
