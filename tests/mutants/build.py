#!/usr/bin/env python3
"""build.py --build DIR --out DIR [--jobs N] [--only ID]: the program once per patch, as OUT/<id>/weir.

The build in DIR must be up to date. Of it, the objects that read a patched file are compiled again, with the same
command but for an include folder in front that holds the patched files; copies of their archives get the new objects;
the program is linked by the same command with those archives. What did not change since the last time is left alone.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import patches


def run(command, folder):
    done = subprocess.run(command, cwd=folder, shell=isinstance(command, str), capture_output=True, text=True)
    if done.returncode != 0:
        raise ValueError(f"{command if isinstance(command, str) else ' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


class Build:
    """What the finished build knows: how `weir` is linked, from which objects, and what each of them read."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.link = run(["ninja", "-t", "commands", "-s", "weir"], self.folder).strip()
        words = self.link.split()
        self.archives = {a: self._objects(a) for a in dict.fromkeys(w for w in words if w.endswith(".a")
                                                                   and os.path.exists(self._path(w)))
                         if not os.path.isabs(a)}
        self.own_objects = [w for w in words if w.endswith(".o")]
        with open(self._path("compile_commands.json"), encoding="utf-8") as file:
            self.compile = {re.search(r" -o (\S+) ", c["command"]).group(1): c for c in json.load(file)}
        self.readers = self._readers()
        inputs = [*self.own_objects, *self.archives]
        stats = [(i, os.stat(self._path(i)).st_mtime_ns, os.stat(self._path(i)).st_size) for i in inputs]
        self.key = repr((self.link, stats))

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _objects(self, archive):
        lines = run(["ninja", "-t", "query", archive], self.folder).split("\n")
        end = next((n for n, line in enumerate(lines) if line.strip() == "outputs:"), len(lines))
        return [line.strip() for line in lines[:end] if line.strip().endswith(".o")]

    def _readers(self):
        """Source (relative to the root) -> the objects of `weir` that were compiled from it."""
        wanted = {*self.own_objects, *(o for objects in self.archives.values() for o in objects)}
        readers = {}
        current = None
        for line in run(["ninja", "-t", "deps"], self.folder).split("\n"):
            if line and not line.startswith(" "):
                current = line.split(":")[0]
            elif line.strip() and current in wanted:
                source = os.path.normpath(self._path(line.strip()))
                if source.startswith(patches.ROOT + os.sep):
                    readers.setdefault(os.path.relpath(source, patches.ROOT), []).append(current)
        return readers


class Mutant:
    def __init__(self, build, patch, out):
        self.build, self.patch = build, patch
        self.folder = os.path.join(os.path.abspath(out), patch.id)
        self.tree = os.path.join(self.folder, "tree")

    def compile(self, name, source=None):
        """Compiles the object `name` again; returns where it lies."""
        entry = self.build.compile[name]
        target = os.path.join(self.folder, "objects", name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if source is None:
            source = entry["file"]
            patched = os.path.join(self.tree, os.path.relpath(source, patches.ROOT))
            source = patched if os.path.exists(patched) else source
        command = entry["command"]
        for before, after in ((f"-I{patches.ROOT} ", f"-I{self.tree} -I{patches.ROOT} "),
                              (f"-o {name} ", f"-o {target} -ffile-prefix-map={self.tree}/= "),
                              (f"-c {entry['file']}", f"-c {source}")):
            if before not in command:
                raise ValueError(f"the command of {name} has no '{before.strip()}': {command}")
            command = command.replace(before, after)
        run(command, entry["directory"])
        return target

    def source_hash(self):
        """The mutant's own source hash, so that its plans are not taken for the unmutated program's."""
        name = next(o for o in self.build.own_objects if o.endswith("weir_source_hash/source_hash.cc.o"))
        generated = os.path.join(self.folder, "source_hash.cc")
        lists = os.path.join(self.build.folder, "weir_source_hash", "files.txt")
        run(["cmake", f"-DROOT={patches.ROOT}", f"-DLIST={lists}", f"-DOUT={generated}",
             f"-DBASE={hashlib.sha256(self.patch.text.encode()).hexdigest()}",
             "-P", os.path.join(patches.ROOT, "cmake", "hash_sources.cmake")], self.folder)
        return name, self.compile(name, generated)

    def make(self):
        """Builds the program unless it is up to date. Returns a line that says which."""
        with open(__file__, "rb") as file:
            key = hashlib.sha256(f"{self.build.key}{self.patch.text}".encode() + file.read()).hexdigest()
        stamp = os.path.join(self.folder, "stamp")
        if os.path.exists(stamp):
            with open(stamp, encoding="utf-8") as file:
                if file.read() == key:
                    return f"{self.patch.id}: up to date"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.tree)
        patches.copy_sources(self.patch, self.tree)
        self.patch.apply_to(self.tree)
        affected = sorted({o for s in self.patch.sources for o in self.build.readers.get(s, [])})
        if not affected:
            raise ValueError(f"{self.patch.id}: nothing that weir links reads {', '.join(self.patch.sources)}")
        compiled = dict([self.source_hash()], **{name: self.compile(name) for name in affected})
        link = self.build.link
        for archive, objects in self.build.archives.items():
            changed = [compiled[o] for o in objects if o in compiled]
            if changed:
                copy = os.path.join(self.folder, os.path.basename(archive))
                shutil.copyfile(os.path.join(self.build.folder, archive), copy)
                run(["ar", "r", copy, *changed], self.folder)
                link = re.sub(rf"(?<=\s){re.escape(archive)}(?=\s)", copy, link)
        for name in self.build.own_objects:
            if name in compiled:
                link = re.sub(rf"(?<=\s){re.escape(name)}(?=\s)", compiled[name], link)
        program = os.path.join(self.folder, "weir")
        link, count = re.subn(r"(?<=\s)-o weir(?=\s)", f"-o {program}", link)
        if count != 1:
            raise ValueError(f"cannot tell where weir is linked to: {link}")
        run(link, self.build.folder)
        for archive in os.listdir(self.folder):
            if archive.endswith(".a"):
                os.remove(os.path.join(self.folder, archive))
        with open(stamp, "w", encoding="utf-8") as file:
            file.write(key)
        return f"{self.patch.id}: built ({len(affected)} object{'s' if len(affected) > 1 else ''} compiled)"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only")
    arguments = parser.parse_args()
    chosen = [p for p in patches.load() if arguments.only in (None, p.id)]
    if arguments.only and not chosen:
        print(f"mutants: there is no tests/mutants/{arguments.only}.patch")
        return 2
    build = Build(arguments.build)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for future in [pool.submit(Mutant(build, patch, arguments.out).make) for patch in chosen]:
            try:
                print(future.result(), flush=True)
            except ValueError as error:
                failed += 1
                print(error, flush=True)
    print(f"mutants: {len(chosen) - failed} of {len(chosen)} built")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
