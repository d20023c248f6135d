"use strict";
// Where forms come from and answers go to: the program that serves the page, or, in a folder, the
// browser itself. Both have `waiting`, `begin`, `resume`, `answer` and `end`.

/** What the browser remembers between visits; where it may not, a visit is all there is. */
const memory = {
  read(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  write(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; }
  },
  forget(key) {
    try { localStorage.removeItem(key); } catch { /* nothing was kept */ }
  },
};

/** Answers go to the program; every one is on its disk before the next image is shown. */
class Server {
  constructor() { this.token = memory.read("simgan-turing-session"); }

  waiting() { return this.token !== null; }

  async begin(subject) {
    const begun = await this.ask("POST", "api/sessions", { subject });
    this.token = begun.session;
    memory.write("simgan-turing-session", this.token);
    return begun;
  }

  async resume() {
    try {
      return await this.ask("GET", `api/sessions/${this.token}`);
    } catch (problem) {
      if (problem.status === 404) this.forget();
      throw problem;
    }
  }

  /** How many answers are kept. Another tab may have given this one: its answer counts. */
  async answer(answer) {
    const path = `api/sessions/${this.token}/answers`;
    try {
      return (await this.ask("POST", path, answer)).answered;
    } catch (problem) {
      if (problem.status === 409) return problem.reply.answered;
      throw problem;
    }
  }

  async end() { return { score: (await this.ask("GET", `api/sessions/${this.token}/score`)).score }; }

  forget() { memory.forget("simgan-turing-session"); this.token = null; }

  async ask(method, path, body) {
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: body ? { "content-type": "application/json" } : {},
        body: body && JSON.stringify(body),
      });
    } catch {
      throw new Error("The program that keeps the answers does not reply. Is it still at work?");
    }
    const reply = await response.json().catch(() => ({}));
    if (response.ok) return reply;
    throw Object.assign(new Error(reply.error || `The program refuses: ${response.status}`),
      { status: response.status, reply });
  }
}

/** Answers stay in the browser; at the end they are saved as a file. */
class Folder {
  constructor(forms) { this.forms = forms; this.kept = memory.read(Folder.key()); }

  static key() { return `simgan-turing ${location.pathname}`; }

  waiting() { return this.kept !== null; }

  async begin(subject) {
    const asked = Number(new URLSearchParams(location.search).get("form"));
    const any = 1 + Math.floor(Math.random() * this.forms);
    const number = asked >= 1 && asked <= this.forms ? asked : any;
    const form = await this.load(number);
    this.kept = { number, subject, test: form.test, form: form.form, answers: [] };
    memory.write(Folder.key(), this.kept);
    return { ...form, answered: 0 };
  }

  async resume() {
    const form = await this.load(this.kept.number);
    if (form.test === this.kept.test) return { ...form, answered: this.kept.answers.length };
    this.forget();
    throw new Error("The answers that this browser kept are of another test. Begin anew.");
  }

  async answer(answer) {
    // Another tab may have gone on meanwhile.
    const kept = memory.read(Folder.key());
    if (kept && kept.form === this.kept.form && kept.answers.length > this.kept.answers.length) {
      this.kept = kept;
      return kept.answers.length;
    }
    this.kept.answers.push(answer);
    memory.write(Folder.key(), this.kept);
    return this.kept.answers.length;
  }

  async end() {
    const { number, ...file } = this.kept;
    const text = JSON.stringify(file);
    return {
      name: `answers-${number}.json`,
      url: URL.createObjectURL(new Blob([text], { type: "application/json" })),
    };
  }

  forget() { memory.forget(Folder.key()); this.kept = null; }

  load(number) {
    return new Promise((resolve, reject) => {
      window.formLoaded = resolve;
      const script = document.createElement("script");
      script.src = `form-${number}.js`;
      script.onerror = () => reject(new Error(`form-${number}.js cannot be read.`));
      document.head.append(script);
    });
  }
}
