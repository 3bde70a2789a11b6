"""Words for who speaks, in the languages and programs that name them, and the role each stands for."""

from __future__ import annotations

_STORY = """
    story system context passage background developer narrator scenario persona tool function observation ipython
    environment tool_result tool_response tool_output tool-result function_response function_result function-result
    code_interpreter execution_output observations system_prompt system_message system-prompt
    system_instruction sysprompt sys meta_instruction
    系统 系統 系统提示 系统消息 系统指令 设定 角色设定 背景 旁白 工具 函数 工具结果 観測 システム ツール 시스템 도구 배경
    système contexte outil sistema contexto contesto herramienta ferramenta strumento kontext werkzeug systeem systém
    система контекст инструмент обстановка sistem النظام نظام ระบบ hệ_thống systemnachricht systeembericht
"""
_USER = """
    user human prompter question customer student instruction client patient asker seeker visitor caller guest you users
    human_user end_user enduser query person q buyer
    用户 用戶 使用者 人类 人類 问 問 提问 提问者 问题 用户输入 客户 学生 病人 患者 顾客
    ユーザー ユーザ 利用者 人間 質問 お客様 사용자 유저 인간 질문 고객
    benutzer nutzer mensch anwender kunde frage utilisateur utilisatrice humain usager question client
    usuario usuária usuaria usuário humano pregunta pergunta cliente utente umano domanda utilizador
    пользователь человек вопрос клиент gebruiker użytkownik uživatel používateľ kullanıcı користувач användare bruger
    bruker käyttäjä felhasználó utilizator χρήστης المستخدم مستخدم उपयोगकर्ता ผู้ใช้ người_dùng pengguna משתמש
    nutzerin benutzerin anwenderin fragesteller demandeur człowiek člověk
"""
_ASSISTANT = """
    assistant gpt bot model ai answer chatgpt agent teacher response bing bard claude gemini copilot chatbot machine
    function_call function-call tool_call tool_calls tool-call gpt-4 gpt-3.5 gpt4 gpt3 llm llama output helper doctor
    therapist counselor expert tutor operator moss ai_assistant assistent
    助手 助理 智能助手 人工智能 机器人 機器人 模型 答 答案 回答 回复 回答者 模型回复 客服 医生 老师
    アシスタント 助手さん ボット 回答者さん 応答 어시스턴트 도우미 비서 챗봇 답변 모델
    assistentin helfer antwort assistante réponse modèle robot asistente respuesta asistenta
    assistente resposta risposta modello modelo modell ассистент помощник ответ бот модель asystent pomocník
    asistent yardımcı asistan помічник асистент assistentti avustaja asszisztens βοηθός المساعد مساعد सहायक ผู้ช่วย
    trợ_lý asisten עוזר odpověď odpowiedź cevap antwoord svar ki ia ии ki-assistent
"""
_ROLE_OF = (
    dict.fromkeys(_STORY.split(), "story")
    | dict.fromkeys(_USER.split(), "user")
    | dict.fromkeys(_ASSISTANT.split(), "assistant")
)
_AROUND = " \t\r\n:：<>|[]【】*#\"'"


def role_of(name: str) -> str:
    """story, user or assistant, or empty for a name that is no word for a role."""
    folded = name.strip(_AROUND).casefold()
    return _ROLE_OF.get(folded) or _ROLE_OF.get(folded.replace(" ", "_"), "")
